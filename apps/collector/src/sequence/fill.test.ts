/**
 * How much a batch takes from the queue: never more records than one may have, whatever a push
 * opens; and of a sender beside a flood as soon as of one that is alone.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import {
  BATCH_FULL_RECORDS,
  BATCH_INPUT_RECORDS_MAX,
  BATCH_RECORDS_MAX,
  encodeLogsRequest,
  LANE_SHARED_BYTES_MAX,
  OTLP_RECORDS_MAX,
} from '@vitrine/schema';
import { AT_NS, emptyLog } from '../fixture/log.ts';
import type { PushEntry } from '../queue/entry.ts';
import { Journal } from '../queue/journal.ts';
import { Filling } from './fill.ts';
import { PUBLISHED } from './overlap.ts';
import { planBatch } from './plan.ts';
import type { LogState } from './state.ts';

const dirs: string[] = [];
let journal: Journal;

before(() => {
  const dir = mkdtempSync(join(tmpdir(), 'vitrine-fill-'));
  dirs.push(dir);
  journal = new Journal({ dir, fsync: false, log: () => {} });
  journal.open(0, () => {});
});
after(async () => {
  await journal.close();
  for (const dir of dirs) rmSync(dir, { recursive: true });
});

/** A push of so many records, of so many sessions that nobody has heard of. */
function push(principal: string, records: number, sessions: number): PushEntry {
  const logs = Array.from({ length: records }, () => ({
    eventName: 'file.read',
    timeUnixNano: '1764000000000000001',
    attributes: { 'session.id': `${principal}-${serial++ % sessions}` },
  }));
  const body = encodeLogsRequest(logs, { 'vitrine.shim.name': 'bench' });
  const from = { principal, signal: 'logs', contentType: 'protobuf', peer: '', hash: '' } as const;
  return { kind: 'push', ...from, observed: String(AT_NS), body };
}
let serial = 0;

/** One batch: how many records it has, and whose pushes it took. */
async function batch(state: LogState): Promise<{ records: number; taken: string[] }> {
  const taken: string[] = [];
  const taking = {
    take: (bytesMax: number, fits?: Parameters<Journal['take']>[1]) => {
      const items = journal.take(bytesMax, fits);
      for (const { entry } of items) taken.push((entry as PushEntry).principal);
      return items;
    },
    leave: journal.leave.bind(journal),
  };
  const store = { chainRecords: () => assert.fail('nothing repeats') };
  const rest = { salt: () => Buffer.alloc(16), log: () => {}, stopping: () => false };
  const filling = new Filling({ state, journal: taking, store, ...rest, before: PUBLISHED });
  assert.ok(await filling.take());
  const { draft } = filling;
  filling.leave();
  return { records: planBatch(draft, AT_NS).batch.rows.length, taken };
}

describe('a batch', () => {
  it('has room for a push of which each record opens a session, and for no other', async () => {
    const state = emptyLog();
    await journal.append(push('a', 10, 1));
    await journal.append(push('b', OTLP_RECORDS_MAX, OTLP_RECORDS_MAX));
    await journal.append(push('c', OTLP_RECORDS_MAX, OTLP_RECORDS_MAX));
    const batches = [await batch(state), await batch(state), await batch(state)];
    assert.deepEqual(
      batches.map(({ taken }) => taken),
      [['a'], ['b'], ['c']],
    );
    for (const { records } of batches.slice(1)) {
      assert.ok(records > BATCH_INPUT_RECORDS_MAX && records <= BATCH_RECORDS_MAX, `${records}`);
    }
  });

  it('takes large pushes about few sessions together, until it is full', async () => {
    const state = emptyLog();
    const each = OTLP_RECORDS_MAX - 100;
    for (let i = 0; i < 4; i++) await journal.append(push(`d${i}`, each, 3));
    const [first, second] = [await batch(state), await batch(state)];
    assert.deepEqual([first.taken.length, second.taken.length], [3, 1]);
    assert.ok(2 * each < BATCH_FULL_RECORDS && first.records <= BATCH_RECORDS_MAX);
  });
});

/** Of what a quiet sender pushes while others may flood: batches until it is in one. */
async function seals(floods: string[], rounds: number, isOwnLane: boolean): Promise<number> {
  const state = emptyLog();
  const body = push('flood', 500, 40).body;
  const waiting: Promise<unknown>[] = [];
  const sent = Math.ceil((2 * LANE_SHARED_BYTES_MAX) / body.length);
  const found: number[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const principal of floods) {
      for (let i = 0; i < sent; i++) {
        waiting.push(journal.append({ ...push(principal, 1, 1), body }).catch(() => {}));
      }
    }
    const quiet = isOwnLane ? 'quiet' : floods[0]!;
    const mark = push(quiet, 1, 1);
    const acknowledged = journal.append({ ...mark, principal: quiet });
    let position: number | undefined;
    void acknowledged.then((at) => {
      position = at;
    });
    for (let count = 1; ; count++) {
      while (journal.waitingEntries === 0) await turn();
      await batch(state);
      await turn();
      if (position !== undefined && state.consumed.journal > position) {
        found.push(count);
        break;
      }
    }
    while (journal.bytes > 0) {
      await batch(state);
      await turn();
    }
  }
  await Promise.all(waiting);
  return Math.max(...found);
}

describe('a quiet sender', () => {
  it('is sealed beside a flood within twice the batches that it takes alone', async () => {
    const alone = await seals([], 6, true);
    const beside = await seals(['flood'], 6, true);
    assert.ok(beside <= 2 * alone, `${beside} batches, ${alone} alone`);
  });

  it('would wait for the whole flood without a lane of its own', async () => {
    const [alone, inside] = [await seals([], 2, true), await seals(['h'], 2, false)];
    assert.ok(inside > 2 * alone, `${inside} batches, ${alone} alone`);
  });
});
