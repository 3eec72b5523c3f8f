/**
 * Re-makes the golden log from the content of its records: an independent implementation of LOG.md
 * wrote it, so equal bytes mean an equal reading of that page.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type JsonObject, RESERVED_FIELDS } from '@vitrine/schema';
import {
  admitRecord,
  CompactRange,
  canonicalBytes,
  formatCheckpoint,
  generateLogKey,
  type Head,
  headsTree,
  leafHash,
  makeRecord,
  makeSeal,
  parseCanonical,
  parseCheckpointNote,
  signNote,
  ZERO_HASH,
} from './index.ts';

const GOLDEN = new URL('../../../test/vectors/golden/', import.meta.url);
const ORIGIN = 'vitrine.local/0a1b2c3d/default.0.1';

interface Leaf {
  index: number;
  leaf: string;
  record: string;
}

const leaves = read('log.jsonl')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Leaf);

function read(name: string): string {
  return readFileSync(new URL(name, GOLDEN), 'utf8');
}

function isSeal(record: JsonObject): boolean {
  return record.kind === 'seal' && !('session' in record);
}

function without(record: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(record).filter(([name]) => !names.includes(name)));
}

test('every leaf hash is that of its record', () => {
  for (const { leaf, record } of leaves) {
    assert.equal(leafHash(Buffer.from(record)).toString('hex'), leaf);
  }
});

test('parsing and writing a leaf gives its bytes again', () => {
  for (const { record } of leaves) {
    assert.equal(canonicalBytes(parseCanonical(Buffer.from(record))).toString(), record);
  }
});

test('every chain is admitted record by record, and made again from its content', () => {
  const tips = new Map<string, { seq: number; prev: Buffer }>();
  let chained = 0;
  for (const { index, record: text, leaf } of leaves) {
    const bytes = Buffer.from(text);
    const record = parseCanonical(bytes);
    if (isSeal(record)) continue;
    const { session, shim, kind, t, parts } = record as Record<string, string>;
    const chain = `${session}/${shim}`;
    const place = tips.get(chain) ?? { seq: 0, prev: ZERO_HASH };
    const admitted = admitRecord({ chain, ...place }, bytes);
    assert.equal(admitted.leaf.toString('hex'), leaf, `leaf ${index}`);
    if (Object.keys(parts as unknown as JsonObject).length === 0) {
      const event = { kind: kind!, t: t!, fields: without(record, RESERVED_FIELDS) };
      const made = makeRecord(event, { session: session!, shim: shim!, ...place }, () => ZERO_HASH);
      assert.equal(made.bytes.toString(), text);
      assert.equal(made.leaf.toString('hex'), leaf);
    }
    tips.set(chain, { seq: place.seq + 1, prev: admitted.leaf });
    chained++;
  }
  assert.equal(chained, 27);
});

test('the seals, their heads and the signed checkpoints are the same bytes', () => {
  const seed = Buffer.from(Array.from({ length: 32 }, (_, i) => i));
  const key = generateLogKey(ORIGIN, seed);
  assert.ok(read('trust.txt').includes(`log ${key.vkey}\n`));
  const checkpoints = JSON.parse(read('checkpoints.json')) as { size: number; note: string }[];
  const tree = new CompactRange();
  const tips = new Map<string, Head>();
  const all = new Map<string, Head>();
  let prev: { root: string; size: number } | null = null;
  for (const { record: text } of leaves) {
    const record = parseCanonical(Buffer.from(text));
    const leaf = leafHash(Buffer.from(text));
    tree.append(leaf);
    if (!isSeal(record)) {
      follow(record, leaf);
      continue;
    }
    if (record.heads !== null) assert.deepEqual(record.heads, treeOf([...tips.values()]));
    if (record.day !== undefined) assert.deepEqual(record.days, treeOf([...all.values()]));
    assert.deepEqual(record.prev, prev);
    const body = without(record, ['kind', 'v']) as unknown as Parameters<typeof makeSeal>[0];
    assert.equal(makeSeal(body).toString(), text);
    const root = tree.root();
    prev = { root: root.toString('base64'), size: tree.size };
    const published = checkpoints.find(({ size }) => size === tree.size)!;
    const note = signNote(formatCheckpoint({ origin: ORIGIN, size: tree.size, root }), key);
    assert.ok(published.note.startsWith(note), `note of ${tree.size}`);
    assert.equal(parseCheckpointNote(published.note).text, parseCheckpointNote(note).text);
    checkpoints.splice(checkpoints.indexOf(published), 1);
  }
  assert.deepEqual(checkpoints, []);

  function follow(record: JsonObject, leaf: Buffer): void {
    const chain = `${record.session}/${record.shim}`;
    const head = { chain, head: leaf, seq: record.seq as number };
    tips.set(chain, head);
    all.set(chain, head);
    if (record.kind !== 'close' || record.shim !== 'sup') return;
    for (const name of tips.keys()) if (name.startsWith(`${record.session}/`)) tips.delete(name);
  }

  function treeOf(heads: Head[]): { root: string; size: number } {
    const { root, size } = headsTree(heads);
    return { root: root.toString('base64'), size };
  }
});
