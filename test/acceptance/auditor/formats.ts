/**
 * The log as C2SP's clients read it: a signed checkpoint, hash tiles, entry bundles, a proof in a
 * file of its own. Checked with code of the test's own against RFC 6962.
 */
import assert from 'node:assert/strict';
import { makeToken } from '../path/api.ts';
import {
  type Checkpoint,
  GrowingTree,
  includes,
  leafHash,
  readProof,
  TrustedLog,
} from '../path/rfc6962.ts';
import type { Case } from './case.ts';

const TILE_HASHES = 256;
const HASH_BYTES = 32;
const LENGTH_BYTES = 2;

export async function servesTheLog(audit: Case): Promise<void> {
  const { head, leaves } = await fetched(audit);
  assert.ok(head.size > 2 * TILE_HASHES, `${head.size} leaves`);
  const tree = new GrowingTree();
  for (const leaf of leaves) tree.append(leaf);
  assert.deepEqual(tree.root(), head.root);
  // The instrument: one bit of one leaf.
  const other = new GrowingTree();
  for (const [i, leaf] of leaves.entries()) other.append(i === 300 ? flipped(leaf) : leaf);
  assert.notDeepEqual(other.root(), head.root);
  await servesHigherTiles(audit, head, leaves);
  await saysWhatKeeps(audit, head);
  await keepsFromOthers(audit);
}

/** The leaves of the newest checkpoint, from its tiles; its entries hash to the same. */
async function fetched(audit: Case): Promise<{ head: Checkpoint; leaves: Buffer[] }> {
  const { log } = audit.system.run;
  const note = await (await audit.get(`/log/${log}/checkpoint`)).text();
  const head = new TrustedLog(audit.text('trust.txt')).open(note);
  const leaves: Buffer[] = [];
  for (let at = 0; at < head.size; at += TILE_HASHES) {
    const width = Math.min(TILE_HASHES, head.size - at);
    const name = nameOf(at / TILE_HASHES, width);
    const tile = await bytesOf(await audit.get(`/log/${log}/tile/0/${name}`));
    const hashes = inPieces(tile);
    assert.equal(hashes.length, width);
    const entries = entriesOf(await bytesOf(await audit.get(`/log/${log}/tile/entries/${name}`)));
    assert.deepEqual(
      entries.map((entry) => leafHash(entry.toString('utf8'))),
      hashes,
    );
    leaves.push(...hashes);
  }
  return { head, leaves };
}

async function servesHigherTiles(audit: Case, head: Checkpoint, leaves: Buffer[]): Promise<void> {
  const full = Math.floor(head.size / TILE_HASHES);
  const path = `/log/${audit.system.run.log}/tile/1/${nameOf(0, full)}`;
  const roots = inPieces(await bytesOf(await audit.get(path)));
  const expected = Array.from({ length: full }, (_, n) => {
    const tree = new GrowingTree();
    for (const leaf of leaves.slice(n * TILE_HASHES, (n + 1) * TILE_HASHES)) tree.append(leaf);
    return tree.root();
  });
  assert.deepEqual(roots, expected);
}

/** A full tile never changes, whatever the log becomes; anything else may. */
async function saysWhatKeeps(audit: Case, { size }: Checkpoint): Promise<void> {
  const { log } = audit.system.run;
  const caching = async (path: string): Promise<string> => {
    const answer = await audit.get(`/log/${log}/${path}`);
    assert.equal(answer.status, 200, path);
    return answer.headers.get('cache-control') ?? '';
  };
  for (const path of ['tile/0/000', 'tile/entries/001']) {
    assert.match(await caching(path), /immutable/);
  }
  const width = size % TILE_HASHES;
  for (const path of ['checkpoint', `tile/0/${nameOf(Math.floor(size / TILE_HASHES), width)}`]) {
    assert.doesNotMatch(await caching(path), /immutable/);
  }
  for (const path of ['tile/0/000.p/0', 'tile/0/000.p/256', 'tile/0/0', 'tile/0/999']) {
    const answer = await audit.get(`/log/${log}/${path}`);
    assert.equal(answer.status, 404, `${path}: ${await answer.text()}`);
  }
}

async function keepsFromOthers(audit: Case): Promise<void> {
  const { run, data } = audit.system;
  const path = `/log/${run.log}/tile/entries/000`;
  assert.equal((await audit.get(path, '')).status, 401);
  const ingest = await makeToken(run, data, 'ingest');
  assert.equal((await audit.get(path, ingest)).status, 403);
}

export async function exportsTlogProof(audit: Case): Promise<void> {
  const event = (await audit.events())[40]!;
  const name = `${event.log}/${event.index}`;
  await audit.export('event.proof', '--event', name, '--format', 'tlog-proof');
  await audit.export('event.vitrine.json', '--event', name);
  const { attached } = JSON.parse(audit.text('event.vitrine.json')) as {
    attached: { index: number; record: string }[];
  };
  const { record } = attached.find(({ index }) => index === event.index)!;
  const { index, path, note } = readProof(audit.text('event.proof'));
  const { size, root } = new TrustedLog(audit.text('trust.txt')).open(note);
  assert.equal(index, event.index);
  assert.ok(includes(leafHash(record), index, size, path, root));
  assert.ok(!includes(leafHash(`${record} `), index, size, path, root), 'another record');
  const [first, ...rest] = path;
  assert.ok(!includes(leafHash(record), index, size, [flipped(first!), ...rest], root));
}

/** C2SP tlog-tiles: three digits a level of folders, the width of a partial tile behind. */
function nameOf(tile: number, width: number): string {
  const name = String(tile).padStart(3, '0');
  return width === TILE_HASHES ? name : `${name}.p/${width}`;
}

async function bytesOf(answer: Response): Promise<Buffer> {
  assert.equal(answer.status, 200, answer.url);
  return Buffer.from(await answer.arrayBuffer());
}

function inPieces(tile: Buffer): Buffer[] {
  const count = tile.length / HASH_BYTES;
  return Array.from({ length: count }, (_, i) =>
    tile.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES),
  );
}

function entriesOf(bundle: Buffer): Buffer[] {
  const entries: Buffer[] = [];
  for (let at = 0; at < bundle.length; ) {
    const end = at + LENGTH_BYTES + bundle.readUInt16BE(at);
    entries.push(bundle.subarray(at + LENGTH_BYTES, end));
    at = end;
  }
  return entries;
}

function flipped(bytes: Buffer): Buffer {
  const other = Buffer.from(bytes);
  other[0]! ^= 1;
  return other;
}
