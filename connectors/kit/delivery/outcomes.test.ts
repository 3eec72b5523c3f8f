import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { HandClock } from '../conformance/hand-clock.ts';
import { sampleAlerts } from '../conformance/sample-log.ts';
import { DeadLetters } from './dead-letters.ts';
import { Outcomes } from './outcomes.ts';
import { Receipts } from './receipts.ts';
import { PositionFile } from './state.ts';
import { Window } from './window.ts';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'vitrine-outcomes-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

async function book() {
  const clock = new HandClock();
  const lines: string[] = [];
  const window = new Window(-1, []);
  const ignored = async (): Promise<void> => {};
  const receipts = new Receipts(
    {
      connector: 'soc',
      type: 'test',
      clock,
      receiptMs: 1_000,
      receipt: ignored,
      taken: () => {},
      failed: () => {},
    },
    [],
  );
  const letters = await DeadLetters.open(join(dir, 'dead-letters.jsonl'));
  const position = new PositionFile(join(dir, 'position.json'), () => {
    return { origin: '', cursor: window.cursor, ahead: window.ahead, receipts: receipts.waiting };
  });
  const parts = { name: 'soc', clock, window, receipts, letters, position };
  const outcomes = new Outcomes({ ...parts, log: (line) => lines.push(line) });
  window.add(sampleAlerts([{}]), 0);
  const [entry] = [...window.lanes()].flat();
  window.start([entry!]);
  return { ...parts, outcomes, lines, entry: entry! };
}

describe('a dead letter that the disk does not take', () => {
  it('leaves its alert unsettled', async () => {
    const { outcomes, letters, window, receipts, lines, entry } = await book();
    await letters.close();
    assert.equal(await outcomes.refuse(entry, 'HTTP 400'), false);
    assert.equal(window.cursor, -1);
    assert.equal(entry.state, 'sending');
    assert.deepEqual(receipts.waiting, []);
    assert.equal(letters.size, 0);
    assert.match(lines.join(), /cannot write the dead letters/);
  });

  it('is on disk before the position passes it', async () => {
    const { outcomes, letters, position, window, entry } = await book();
    let seen = '';
    const { settle } = window;
    window.settle = (...args) => {
      seen = readFileSync(join(dir, 'dead-letters.jsonl'), 'utf8');
      settle.apply(window, args);
    };
    assert.equal(await outcomes.refuse(entry, 'HTTP 400'), true);
    assert.ok(seen.includes(entry.alert.id));
    assert.equal(window.cursor, entry.alert.index);
    await position.save();
    await letters.close();
  });
});
