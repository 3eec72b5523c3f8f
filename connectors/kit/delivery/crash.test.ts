import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { sampleAlerts } from '../conformance/sample-log.ts';
import type { Outcome } from '../contract.ts';
import { OK, Rig } from './rig.ts';

const SUBJECTS = Array.from({ length: 24 }, (_, i) => ({ subject: `s${(i * 7) % 5}` }));
const ALERTS = sampleAlerts(SUBJECTS);
const SESSION_OF = new Map(ALERTS.map(({ id, record }) => [id, String(record.subject)]));
const ANSWERS: Outcome[] = [
  OK,
  OK,
  OK,
  { kind: 'retry', reason: 'HTTP 500' },
  { kind: 'retry', reason: 'HTTP 429', afterMs: 2_000 },
  { kind: 'dead', reason: 'HTTP 413' },
  { kind: 'pause', reason: 'HTTP 401' },
];

interface Life {
  answers: number[];
  /** Of the clock, before the crash. */
  steps: number[];
}

const life: fc.Arbitrary<Life> = fc.record({
  answers: fc.array(fc.nat(ANSWERS.length - 1), { minLength: 1, maxLength: 9 }),
  steps: fc.array(fc.integer({ min: 1, max: 400_000 }), { maxLength: 3 }),
});

/** One life of the process; answers what the disk looked like at its sudden end. */
async function live(dir: string | undefined, { answers, steps }: Life, accepted: string[]) {
  let turn = 0;
  const rig = await Rig.start({
    alerts: ALERTS,
    random: () => 0.5,
    destination: ({ id }) => {
      const outcome = ANSWERS[answers[turn++ % answers.length]!]!;
      if (outcome.kind === 'ok') accepted.push(id);
      return outcome;
    },
    ...(dir === undefined ? {} : { dir }),
  });
  for (const ms of steps) await rig.advance(ms);
  const left = rig.crashCopy();
  const receipts = rig.receipts.flatMap(({ alerts }) => alerts);
  await rig.end();
  return { left, receipts };
}

describe('delivery over any number of crashes', () => {
  it('loses nothing, repeats under the same id only, keeps the order of a session', async () => {
    const lives = fc.array(life, { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(lives, async (crashes) => {
        const accepted: string[] = [];
        const receipts: { id: string; outcome: string }[] = [];
        let dir: string | undefined;
        for (const crash of crashes) {
          const end = await live(dir, crash, accepted);
          dir = end.left;
          receipts.push(...end.receipts);
        }
        const last = await Rig.start({
          alerts: ALERTS,
          dir: dir!,
          destination: ({ id }) => {
            accepted.push(id);
            return OK;
          },
        });
        for (let i = 0; i < 12; i++) await last.advance(400_000);
        const { state, cursor, lag } = last.delivery.status();
        const dead = last.delivery.deadLetters().map(({ id }) => id);
        await last.end();
        receipts.push(...last.receipts.flatMap(({ alerts }) => alerts));

        assert.deepEqual({ state, lag }, { state: 'running', lag: 0 });
        assert.equal(cursor, ALERTS.at(-1)!.index);
        for (const { id } of ALERTS) {
          assert.ok(accepted.includes(id) || dead.includes(id), `${id} is lost`);
          assert.ok(
            receipts.some((receipt) => receipt.id === id),
            `${id} has no receipt`,
          );
        }
        assertOrder(accepted);
      }),
      { numRuns: 25 },
    );
  });
});

/** First arrivals of a session come in the log's order. */
function assertOrder(accepted: string[]): void {
  const first = [...new Set(accepted)];
  for (const session of new Set(SESSION_OF.values())) {
    const arrived = first.filter((id) => SESSION_OF.get(id) === session);
    assert.deepEqual(arrived, arrived.toSorted(), session);
  }
}
