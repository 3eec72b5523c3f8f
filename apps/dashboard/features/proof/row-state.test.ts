/** A row wears what it deserves: nothing that was edited after it was sealed looks sealed. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { afterEach, test } from 'node:test';
import { type JsonObject, recordColumns } from '@vitrine/schema';
import type { EventItem } from '@vitrine/schema/api';
import { ProofLog, proofLog } from './fixture.ts';
import { leafOf, rowStateOf } from './row-state.ts';
import { forgetOutcomes, noteOutcome } from './verdicts.ts';

const LOG = proofLog();
const ROW = LOG.item(2);

afterEach(() => forgetOutcomes());

test('a row that says what its record says is sealed', () => {
  for (let i = 0; i < LOG.size; i++) {
    const { state, reason } = rowStateOf(LOG.item(i), LOG.size);
    assert.equal(state, 'sealed', `${i}: ${reason}`);
  }
});

test('every leaf of the golden log is sealed, or tells of a loss', () => {
  const golden = new URL('../../../../test/vectors/golden/log.jsonl', import.meta.url);
  const states = new Set<string>();
  for (const line of readFileSync(golden, 'utf8').trim().split('\n')) {
    const { index, leaf, record: text } = JSON.parse(line) as Record<string, string>;
    const record = JSON.parse(text!) as JsonObject;
    const item = {
      ...ROW,
      ...recordColumns(record),
      index: Number(index),
      leaf: Buffer.from(leaf!, 'hex').toString('base64'),
      record,
    };
    const { state, reason } = rowStateOf(item, 1_000);
    assert.ok(state === 'sealed' || state === 'gap', `${index}: ${reason}`);
    states.add(state);
  }
  assert.deepEqual([...states].sort(), ['gap', 'sealed']);
});

const EDITS: Record<string, Partial<EventItem>> = {
  session: { session: 's2' },
  shim: { shim: 'b2' },
  seq: { seq: 9 },
  kind: { kind: 'file.write' },
  t: { t: '1764000000000000009' },
  agent: { agent: 'helper' },
  severity: { severity: 0 },
  title: { title: 'file.read /w/harmless' },
};

for (const [column, edit] of Object.entries(EDITS)) {
  test(`a row whose column ${column} was edited in the store is broken, in words`, () => {
    const { state, reason } = rowStateOf({ ...ROW, ...edit }, LOG.size);
    assert.equal(state, 'broken');
    assert.match(reason, new RegExp(`The column ${column} was changed: the row says `));
    assert.ok(reason.includes(JSON.stringify(Object.values(edit)[0])), reason);
  });
}

test('a row whose record was edited with its columns is broken: the leaf remembers', () => {
  const record = structuredClone(ROW.record);
  record.file = { path: '/w/harmless', errno: 'EACCES' };
  const { state, reason } = rowStateOf({ ...ROW, record, ...recordColumns(record) }, LOG.size);
  assert.equal(state, 'broken');
  assert.match(reason, /does not hash to its leaf/);
  assert.ok(reason.includes(ROW.leaf) && reason.includes(leafOf(record)!));
});

test('a row with another leaf, or with that of another row, is broken', () => {
  const leaves = [LOG.item(3).leaf, '', 'x', ROW.leaf.toLowerCase()];
  for (const leaf of leaves) assert.equal(rowStateOf({ ...ROW, leaf }, 9).state, 'broken');
});

test('what no record may hold is broken, and throws nothing', () => {
  const deep = JSON.parse(`${'{"a":'.repeat(40)}1${'}'.repeat(40)}`) as JsonObject;
  const records: unknown[] = [
    { ...ROW.record, x: 1.5 },
    { ...ROW.record, x: '\ud800' },
    { ...ROW.record, x: 'y'.repeat(70_000) },
    { ...ROW.record, ü: 1 },
    deep,
    null,
    [],
    'text',
    undefined,
  ];
  for (const record of records) {
    const { state } = rowStateOf({ ...ROW, record: record as JsonObject }, LOG.size);
    assert.equal(state, 'broken', JSON.stringify(record)?.slice(0, 80));
  }
});

test('a row beyond the published size is pending: one leaf makes the difference', () => {
  assert.equal(rowStateOf(ROW, ROW.index + 1).state, 'sealed');
  const { state, reason } = rowStateOf(ROW, ROW.index);
  assert.equal(state, 'pending');
  assert.match(reason, /leaf 2; the published log ends before 2/);
  assert.equal(rowStateOf({ ...ROW, title: 'x' }, 0).state, 'broken', 'an edit does not wait');
});

test('a record that tells of a loss is a gap, from whoever may tell it', () => {
  const log = new ProofLog();
  const gaps = [
    log.add('s1/b1', 'telemetry.drop', { reason: 'queue full' }),
    log.add('s1/b1', 'telemetry.gap', { reason: 'restart' }),
    log.add('s1/sup', 'gap', { reason: 'seq 3 to 5' }),
    log.add('s1/sup', 'conflict', { reason: 'two records' }),
    log.add('s1/sup', 'broken', { reason: 'link' }),
    log.add('s1/b1', 'file.read', { broken: true }),
    log.add('s1/sup', 'end', { target: { chain: 's1/b1' }, state: 'lost', reason: 'silent' }),
  ];
  const others = [
    log.add('s1/b1', 'gap', { reason: 'a source cannot say this' }),
    log.add('s1/sup', 'end', { target: { chain: 's1/b1' }, state: 'closed', reason: 'bye' }),
  ];
  for (const index of gaps) {
    const { state, reason } = rowStateOf(log.item(index), log.size);
    assert.equal(state, 'gap', log.item(index).kind);
    assert.match(reason, /^Something is missing here: /);
    assert.equal(rowStateOf(log.item(index), 0).state, 'gap', 'a loss does not wait for its seal');
  }
  for (const index of others) assert.equal(rowStateOf(log.item(index), 99).state, 'sealed');
});

test('what a full proof found counts for the row in every list, and for no other row', () => {
  noteOutcome(ROW, { proven: false, reason: 'The path leads elsewhere.' });
  const again = LOG.item(2);
  assert.deepEqual(rowStateOf(again, LOG.size), {
    state: 'broken',
    reason: 'The path leads elsewhere.',
  });
  assert.equal(rowStateOf(LOG.item(3), LOG.size).state, 'sealed');
  noteOutcome(ROW, { proven: true });
  assert.match(rowStateOf(again, LOG.size).reason, /Proven in this browser/);
  assert.equal(rowStateOf({ ...again, title: 'x' }, LOG.size).state, 'broken');
  const moved = { ...again, vantage: 'host' as const };
  assert.doesNotMatch(rowStateOf(moved, LOG.size).reason, /Proven/, 'its vantage was another then');
});

test('a hundred rows take less than 8 ms, and nothing the second time', () => {
  const records = Array.from({ length: 600 }, (_, i) => {
    const log = new ProofLog();
    const path = `/workspace/src/packages/module-${i}/${'x'.repeat(60)}.ts`;
    log.add('s1/b1', 'file.read', { file: { path }, process: { pid: i, exe: '/usr/bin/node' } });
    return log.item(0);
  });
  const costOf = (rows: EventItem[]): number => {
    const start = performance.now();
    for (const row of rows) assert.equal(rowStateOf(row, 1).state, 'sealed');
    return performance.now() - start;
  };
  const costs = [0, 1, 2, 3, 4, 5].map((i) => costOf(records.slice(100 * i, 100 * i + 100)));
  const best = Math.min(...costs.slice(1));
  assert.ok(best < 8, `${costs.map((ms) => ms.toFixed(1)).join(' ')} ms`);
  assert.ok(costOf(records.slice(0, 100)) < best, 'the rows are remembered');
});
