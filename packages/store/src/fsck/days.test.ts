/** The seals of days, judged against the records (LOG.md §3). The golden log has a whole one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Head, headsTree, makeSeal, type SealBody } from '@vitrine/chain';
import { deriveRow } from '../derive.ts';
import { Findings } from './report.ts';
import { SealReplay } from './seals.ts';

const MIDNIGHT = BigInt(Date.parse('2025-11-25')) * 1_000_000n;
const head = (chain: string, seq: number): Head => ({ chain, seq, head: Buffer.alloc(32, seq) });
const emptyRoot = headsTree([]).root;

/** The columns that are named when two batches end in these seals, before and after midnight. */
function columnsNamed(before: Partial<SealBody>, after: Partial<SealBody>): string[] {
  const findings = new Findings();
  const replay = new SealReplay(findings);
  const heads = { root: emptyRoot, size: 0 };
  const sealed = { root: emptyRoot.toString('base64'), size: 0 };
  const check = (idx: number, more: Partial<SealBody>, brought: Head[]): void => {
    const prev = idx === 0 ? null : { ...sealed, size: idx };
    const body = { count: 0, first: idx, heads: sealed, n: idx, prev, src: {}, t: '1' };
    const record = makeSeal({ ...body, ...more }).toString();
    const place = { tenant: 'a', log: 'a.0.1', index: idx, session: 'log', shim: 'seal' };
    const row = deriveRow({ ...place, leaf: Buffer.alloc(32), record, provenance: null });
    const tree = idx === 0 ? null : { root: emptyRoot, size: idx };
    replay.check(row, tree, () => heads, brought);
  };
  check(0, { t: String(MIDNIGHT - 2n) }, [head('s/b', 0), head('s/sup', 1)]);
  check(1, { t: String(MIDNIGHT - 1n), ...before }, [head('s/b', 4)]);
  check(2, { t: String(MIDNIGHT), ...after }, [head('s/b', 5)]);
  check(3, { t: String(MIDNIGHT + 1n), ...(after.day ? after : {}) }, []);
  return findings.list.map(({ index, column }) => `${index} ${column}`);
}

const daysOf = (...heads: Head[]): { root: string; size: number } => {
  const { root, size } = headsTree(heads);
  return { root: root.toString('base64'), size };
};

test('a seal of a day is over its last records, once, and only when it is over', () => {
  const day = '2025-11-24';
  const right = { day, days: daysOf(head('s/b', 4), head('s/sup', 1)) };
  assert.deepEqual(columnsNamed({}, {}), [], 'a log may be too old to have any');
  assert.deepEqual(columnsNamed({}, right), ['3 day'], 'the second one of that day');
  const short = { day, days: daysOf(head('s/b', 4)) };
  assert.deepEqual(columnsNamed({}, short), ['2 days', '3 day'], 'a chain left out');
  const late = { day, days: daysOf(head('s/b', 5), head('s/sup', 1)) };
  assert.deepEqual(columnsNamed({}, late), ['2 days', '3 day'], 'a record of the day after');
  assert.deepEqual(columnsNamed(right, {}), ['1 day'], 'before midnight');
  const none = { day: '2025-11-23', days: daysOf() };
  assert.deepEqual(columnsNamed({}, none), ['3 day'], 'a day without a record has an empty tree');
});
