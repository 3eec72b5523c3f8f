/** What waits for a partner is small and few, whatever a sandbox sends. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DETECT_PAIRS_PER_KEY_MAX } from '@vitrine/schema';
import type { DetectInput } from '../input.ts';
import { EventView, heldText, slimView } from '../view.ts';
import { readPairing } from './read.ts';
import { PairWatch } from './watch.ts';

const ABSENCE = { of: { sel: { kind: 'tool.call' }, condition: 'sel' }, after: '5s' };
const HELD_CHARS = 256;
const LONG = 'x'.repeat(60_000);

function viewOf(index: number, path: unknown): EventView {
  const record = { kind: 'file.read', t: '1795425180000000000', file: { path } };
  const place = { log: 'l', index, leaf: String(index), session: 's', shim: 'b.agent' };
  const row = { ...place, vantage: 'agent', kind: 'file.read', record };
  return new EventView(row as unknown as DetectInput, undefined);
}

test('a flood between two seals holds what its bounds let wait, and not its whole', () => {
  const pairing = readPairing(ABSENCE, 'missing', 'absence');
  const watch = new PairWatch(pairing, () => true, new Set(['file.path']));
  for (let i = 0; i < 10 * DETECT_PAIRS_PER_KEY_MAX; i++) watch.feed(viewOf(i, 'p'));
  assert.equal(watch.evicted, 9 * DETECT_PAIRS_PER_KEY_MAX);
  assert.ok(watch.waiting <= 3 * DETECT_PAIRS_PER_KEY_MAX, `${watch.waiting} are held`);
  assert.ok(watch.waiting >= DETECT_PAIRS_PER_KEY_MAX);
});

test('a value that waits is cut, and is still told apart from another', () => {
  for (const value of [LONG, [LONG], { a: LONG }]) {
    const { record } = slimView(viewOf(1, value), ['file.path']).row;
    assert.ok(JSON.stringify(record).length < 2 * HELD_CHARS);
  }
  assert.equal(heldText('x'.repeat(HELD_CHARS)), 'x'.repeat(HELD_CHARS));
  assert.equal(heldText(LONG).length, HELD_CHARS);
  assert.notEqual(heldText(`${LONG}a`), heldText(`${LONG}b`));
  assert.deepEqual(slimView(viewOf(1, ['a', 1]), ['file.path']).row.record.file, {
    path: ['a', 1],
  });
});
