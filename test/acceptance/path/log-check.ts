/**
 * What must hold of a log whatever happened to its writer, checked against the rows in ClickHouse
 * with code of the test's own.
 */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { callApi } from './api.ts';
import { type StoredRecord, select, storedRecords } from './clickhouse.ts';
import type { RunFile } from './collector-process.ts';
import type { Account } from './ledger.ts';
import { GrowingTree, includes, leafHash, readProof, TrustedLog } from './rfc6962.ts';
import { until } from './until.ts';

/** The leaf of each marked event that is stored; each stands once, and all acknowledged ones do. */
export async function assertStoredOnce(
  run: RunFile,
  account: Account,
): Promise<Map<string, StoredRecord>> {
  const found = new Map<string, StoredRecord>();
  const doubled: string[] = [];
  for (const row of await storedRecords(run, "kind = 'file.read'")) {
    const id = markOf(row);
    if (id === undefined) continue;
    if (found.has(id)) doubled.push(id);
    found.set(id, row);
  }
  const lost = [...account.acked].filter((id) => !found.has(id));
  const invented = [...found.keys()].filter((id) => !account.sent.has(id));
  assert.deepEqual(some(lost), { count: 0, first: [] }, 'acknowledged events are not stored');
  assert.deepEqual(some(doubled), { count: 0, first: [] }, 'events are stored more than once');
  assert.deepEqual(some(invented), { count: 0, first: [] }, 'events that nobody sent are stored');
  return found;
}

const STORED_MS_MAX = 60_000;

/** Resolves when all of `ids` can be queried. */
export async function untilStored(run: RunFile, ids: Iterable<string>): Promise<void> {
  await until('events in ClickHouse', STORED_MS_MAX, async () => {
    const rows = await storedRecords(run, "kind = 'file.read'");
    const found = new Set(rows.map((row) => markOf(row)));
    return [...ids].every((id) => found.has(id)) ? found : undefined;
  });
}

/** The id of a marked event. */
function markOf({ record }: StoredRecord): string | undefined {
  return (JSON.parse(record) as { ledger?: { id: string } }).ledger?.id;
}

function some(ids: string[]): { count: number; first: string[] } {
  return { count: ids.length, first: ids.slice(0, 5) };
}

/**
 * Every checkpoint, seen from outside in the order of `seen` or stored, is signed, is the only one
 * of its size, and is the tree of the stored leaves; sizes never shrink. Returns how many sizes.
 */
export async function assertOneHistory(
  run: RunFile,
  trust: string,
  seen: string[],
): Promise<number> {
  const log = new TrustedLog(trust);
  const stored = await select<{ size: string; root: string; note: string }>(
    run,
    `SELECT size, base64Encode(root) AS root, note FROM checkpoints WHERE log = '${run.log}'`,
  );
  const roots = new Map<number, string>();
  let before = 0;
  for (const note of seen) {
    const { size, root } = log.open(note);
    assert.ok(size >= before, `the log shrank from ${before} to ${size}`);
    before = size;
    assertSame(roots, size, root.toString('base64'));
  }
  for (const row of stored) {
    const { size, root } = log.open(row.note);
    assert.equal(Number(row.size), size);
    assert.equal(row.root, root.toString('base64'));
    assertSame(roots, size, row.root);
  }
  assert.equal(new Set(stored.map((row) => row.size)).size, stored.length, 'doubled checkpoints');
  assert.ok(seen.length > 0, 'nobody saw a checkpoint');
  assertTrees(await storedRecords(run), roots);
  return roots.size;
}

function assertSame(roots: Map<number, string>, size: number, root: string): void {
  assert.equal(roots.get(size) ?? root, root, `size ${size} has two roots`);
  roots.set(size, root);
}

function assertTrees(rows: StoredRecord[], roots: Map<number, string>): void {
  const tree = new GrowingTree();
  let checked = 0;
  for (const row of rows) {
    assert.equal(row.idx, tree.size, `a leaf is missing or doubled at ${tree.size}`);
    const leaf = leafHash(row.record);
    assert.equal(row.leaf.toLowerCase(), leaf.toString('hex'), `leaf ${row.idx}`);
    tree.append(leaf);
    const root = roots.get(tree.size);
    if (root === undefined) continue;
    assert.equal(tree.root().toString('base64'), root, `the tree of ${tree.size} leaves`);
    checked++;
  }
  assert.equal(checked, roots.size, 'a checkpoint is larger than what is stored');
}

/** The system's own check of everything it has stored. */
export async function assertClean(t: TestContext, run: RunFile, token: string): Promise<void> {
  const { status, text } = await callApi(run, token, 'POST', '/v1/fsck');
  assert.equal(status, 200, text);
  const last = text.trimEnd().split('\n').at(-1)!;
  const { report } = JSON.parse(last) as { report?: { ok: boolean; size: number } };
  assert.equal(report?.ok, true, last);
  t.diagnostic(`fsck is clean up to ${report?.size}`);
}

const TILE_HASHES = 256;
const HASH_BYTES = 32;

/** The tiles that are served have every stored leaf at its place. Returns how many. */
export async function assertTilesHold(run: RunFile, token: string): Promise<number> {
  const rows = await storedRecords(run);
  const full = Math.floor(rows.length / TILE_HASHES);
  for (let n = 0; n < full; n++) {
    const name = String(n).padStart(3, '0');
    const url = new URL(`/log/${run.log}/tile/0/${name}`, run.api);
    const answer = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
    assert.equal(answer.status, 200, url.pathname);
    const tile = Buffer.from(await answer.arrayBuffer());
    for (let i = 0; i < TILE_HASHES; i++) {
      const hash = tile.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES);
      const row = rows[n * TILE_HASHES + i]!;
      assert.equal(hash.toString('hex'), row.leaf.toLowerCase(), `leaf ${row.idx} in tile ${n}`);
    }
  }
  return full * TILE_HASHES;
}

/** Asks for the proofs of `count` of the leaves, spread over all of them, and checks each. */
export async function assertInclusionProofs(
  run: RunFile,
  trust: string,
  token: string,
  events: [id: string, row: StoredRecord][],
  count: number,
): Promise<void> {
  const log = new TrustedLog(trust);
  const step = Math.max(1, Math.floor(events.length / count));
  const sample = events.filter((_, i) => i % step === 0).slice(0, count);
  assert.equal(sample.length, count, 'too few events for the sample');
  for (const [id, row] of sample) {
    const { status, text } = await callApi(
      run,
      token,
      'GET',
      `/v1/events/${run.log}/${row.idx}/proof`,
    );
    assert.equal(status, 200, text);
    const proof = readProof(text);
    const { size, root } = log.open(proof.note);
    assert.equal(proof.index, row.idx);
    const leaf = leafHash(row.record);
    assert.ok(includes(leaf, row.idx, size, proof.path, root), `${id} is not under the log`);
    assert.ok(!includes(leafHash(id), row.idx, size, proof.path, root), 'the check checks nothing');
  }
}
