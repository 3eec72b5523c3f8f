import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, it } from 'node:test';
import { DEAD_LETTERS_MAX, DELIVERY_PAUSE_MS } from '@vitrine/schema';
import { sampleAlerts } from '../conformance/sample-log.ts';
import type { DeliverableAlert, Outcome } from '../contract.ts';
import { type DeadLetter, DeadLetters } from './dead-letters.ts';
import { OK, Rig } from './rig.ts';

const ALERTS = sampleAlerts([{ subject: 'a' }, { subject: 'a' }, { subject: 'b' }]);
const [BAD] = ALERTS;
const refuseBad = ({ id }: DeliverableAlert): Outcome => {
  return id === BAD!.id ? { kind: 'dead', reason: 'HTTP 413' } : OK;
};

let rig: Rig;
const start = async (): Promise<void> => {
  rig = await Rig.start({ alerts: [...ALERTS], destination: refuseBad });
  await rig.settle();
};
const path = (): string => join(rig.dir, 'dead-letters.jsonl');
const outcomes = (): string[] => {
  const alerts = rig.receipts.flatMap((receipt) => receipt.alerts);
  return alerts.filter(({ id }) => id === BAD!.id).map(({ outcome }) => outcome);
};
afterEach(() => rig.end());

describe('dead letters', () => {
  it('are set aside with their reason, and the session goes on', async () => {
    await start();
    assert.deepEqual(rig.delivery.deadLetters(), [
      {
        id: BAD!.id,
        log: BAD!.log,
        index: BAD!.index,
        leaf: BAD!.leaf,
        session: 'a',
        rule: 'EGR-001',
        reason: 'HTTP 413',
        attempts: 1,
        at: `${rig.clock.now()}000000`,
      },
    ]);
    const { dead, delivered, cursor } = rig.delivery.status();
    assert.deepEqual({ dead, delivered, cursor }, { dead: 1, delivered: 2, cursor: 5 });
    await rig.advance(1_100);
    assert.deepEqual(outcomes(), ['dead']);
  });

  it('survive a restart and are not sent again by it', async () => {
    await start();
    await rig.delivery.stop();
    rig.sent.length = 0;
    await rig.open();
    await rig.settle();
    assert.deepEqual(rig.sent, []);
    assert.equal(rig.delivery.status().dead, 1);
  });

  it('go out again under the same id when they are replayed', async () => {
    await start();
    rig.destination = () => OK;
    assert.deepEqual(await rig.delivery.replay('all'), { queued: 1, missing: [] });
    await rig.settle();
    assert.equal(rig.sent.at(-1), BAD!.id);
    assert.equal(rig.delivery.status().dead, 0);
    await rig.advance(1_100);
    assert.deepEqual(outcomes(), ['dead', 'delivered']);
    await rig.delivery.stop();
    await rig.open();
    assert.deepEqual(rig.delivery.deadLetters(), []);
    assert.equal(rig.delivery.status().cursor, 5);
  });

  it('stay when the replay is refused again', async () => {
    await start();
    await rig.delivery.replay([BAD!.id]);
    await rig.settle();
    assert.equal(rig.sent.filter((id) => id === BAD!.id).length, 2);
    assert.equal(rig.delivery.deadLetters().length, 1);
  });

  it('are replayed once, however often they are asked for', async () => {
    await start();
    let answer: (outcome: Outcome) => void = () => {};
    rig.destination = () => new Promise((done) => (answer = done));
    const first = await rig.delivery.replay([BAD!.id, BAD!.id]);
    const second = await rig.delivery.replay('all');
    assert.deepEqual([first.queued, second.queued], [1, 0]);
    answer(OK);
    await rig.settle();
    assert.equal(rig.sent.filter((id) => id === BAD!.id).length, 2);
  });

  it('that are none, or that the log no longer has, are named', async () => {
    await start();
    rig.alerts.splice(0, 1);
    const { queued, missing } = await rig.delivery.replay([BAD!.id, ALERTS[1]!.id]);
    assert.deepEqual({ queued, missing }, { queued: 0, missing: [BAD!.id, ALERTS[1]!.id] });
  });
});

describe('the file of dead letters', () => {
  it('loses a line that was never acknowledged, and no other', async () => {
    await start();
    await rig.delivery.stop();
    const whole = readFileSync(path(), 'utf8');
    appendFileSync(path(), '{"dead":{"id":"alr_ha');
    await rig.open();
    assert.equal(rig.delivery.status().dead, 1);
    assert.equal(readFileSync(path(), 'utf8'), whole);
  });

  it('with a damaged line is refused and left alone', async () => {
    await start();
    await rig.delivery.stop();
    const whole = readFileSync(path(), 'utf8');
    writeFileSync(path(), `{"dead":{}}\n${whole}`);
    await assert.rejects(rig.open(), { code: 'DELIVERY_STATE_CORRUPT' });
    assert.equal(readFileSync(path(), 'utf8'), `{"dead":{}}\n${whole}`);
  });

  it('that is full pauses the connector, and one letter fewer does not', async () => {
    await start();
    await rig.delivery.stop();
    const { dead } = JSON.parse(readFileSync(path(), 'utf8')) as { dead: DeadLetter };
    const letters = Array.from({ length: DEAD_LETTERS_MAX - 1 }, (_, i) => {
      return `${JSON.stringify({ dead: { ...dead, id: `alr_${i}` } })}\n`;
    });
    writeFileSync(path(), letters.slice(1).join(''));
    const more = sampleAlerts(Array.from({ length: 5 }, () => ({ subject: 'c' })));
    rig.alerts.push(...more.slice(3));
    rig.destination = () => ({ kind: 'dead', reason: 'HTTP 413' });
    await rig.open();
    await rig.settle();
    const { state, dead: waiting } = rig.delivery.status();
    assert.deepEqual({ state, waiting }, { state: 'paused', waiting: DEAD_LETTERS_MAX });
    assert.match(rig.lines.join(), /10000 dead letters wait/);
    assert.equal(rig.sent.filter((id) => id === more[3]!.id).length, 1);
    await rig.advance(DELIVERY_PAUSE_MS / 2);
    assert.equal(rig.sent.filter((id) => id === more[4]!.id).length, 1);
  });

  it('is written before the alert counts as settled', async () => {
    await start();
    await rig.delivery.stop();
    const letters = await DeadLetters.open(path());
    await letters.close();
    const letter = letters.list()[0]!;
    await assert.rejects(letters.add({ ...letter, id: 'alr_other' }));
    assert.equal(letters.size, 1);
    await rig.open();
  });
});
