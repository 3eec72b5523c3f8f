/** How far the sink may be ahead of the log before a call is told twice. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { SHIM_HELD_MESSAGES_MAX } from '@vitrine/schema';
import type { Meant } from './call-reader.ts';
import type { LoggedCall } from './log-line.ts';
import { Order } from './order.ts';

const TID = 7;
/** A message comes a nanosecond after its line in the log. */
const STEP_NS = 10;

function toldTwice(messages: number): number {
  const order = new Order();
  const read = ({ t }: LoggedCall): Meant => ({ kind: 'file.open', t, attributes: {} });
  const lines = Array.from({ length: messages }, (_, i) => BigInt(i * STEP_NS));
  for (const t of lines) order.advance({ tid: TID, t: t + 1n, sort: 'open' }, read);
  const args = { rest: '', unsure: false };
  for (const t of lines) {
    order.hold({ pid: TID, tid: TID, name: 'openat', t: String(t), errno: 0, args }, read);
  }
  return order.end(read).silent;
}

it('a sink that is ahead of the log by what is remembered tells nothing twice', () => {
  assert.equal(toldTwice(SHIM_HELD_MESSAGES_MAX), 0);
});

it('what is forgotten beyond that is told again, and counted', () => {
  assert.equal(toldTwice(SHIM_HELD_MESSAGES_MAX + 3), 3);
});
