import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, it } from 'node:test';
import {
  DEAD_LETTERS_MAX,
  DELIVERY_PASSED_ALERTS_MIN,
  DELIVERY_PAUSE_MS,
  DELIVERY_RETRY_MS_MAX,
  DELIVERY_WINDOW_ALERTS_MAX,
} from '@vitrine/schema';
import type { DeadLetter } from '@vitrine/schema/api';
import { sampleAlerts } from '../conformance/sample-log.ts';
import type { DeliverableAlert, Outcome } from '../contract.ts';
import { DeadLetters } from './dead-letters.ts';
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

  it('keep their letter until the receipt of the replay is as safe as it', async () => {
    await start();
    await rig.advance(1_100);
    rig.destination = () => OK;
    // The position cannot be written; a crash now would leave the letters as they are.
    mkdirSync(join(rig.dir, 'position.json.tmp'));
    await rig.delivery.replay('all');
    await rig.settle();
    const crashed = rig.crashCopy();
    const letters = readFileSync(join(crashed, 'dead-letters.jsonl'), 'utf8');
    const position = readFileSync(join(crashed, 'position.json'), 'utf8');
    rmSync(crashed, { recursive: true });
    assert.ok(!letters.includes('"delivered"') || position.includes('"delivered"'), letters);
    rmSync(join(rig.dir, 'position.json.tmp'), { recursive: true });
  });

  it('that fail without end when replayed hold up their session for a time only', async () => {
    await start();
    const subjects = Array.from({ length: DELIVERY_PASSED_ALERTS_MIN + 5 }, () => 'b');
    const full = Array.from({ length: DELIVERY_WINDOW_ALERTS_MAX + 5 }, () => 'a');
    const all = sampleAlerts(['a', 'a', 'b', ...subjects, ...full].map((subject) => ({ subject })));
    rig.destination = ({ id }) => (id === BAD!.id ? { kind: 'retry', reason: 'HTTP 500' } : OK);
    await rig.delivery.replay('all');
    await rig.settle();
    rig.alerts.push(...all.slice(3));
    for (let i = 0; i < 20; i++) await rig.advance(DELIVERY_RETRY_MS_MAX);
    assert.match(rig.delivery.deadLetters()[0]!.reason, /^given up/);
    assert.equal(rig.delivery.status().lag, 0);
  });

  it('are not sent once a person gave them up, though their replay waits already', async () => {
    await start();
    await rig.delivery.pause('looking first');
    rig.destination = () => OK;
    await rig.delivery.replay('all');
    await rig.delivery.drop('all', 'of no interest');
    await rig.delivery.resume();
    await rig.advance(DELIVERY_RETRY_MS_MAX);
    assert.equal(rig.sent.filter((id) => id === BAD!.id).length, 1);
    const late = rig.delivery.replay([BAD!.id]);
    assert.deepEqual(await late, { queued: 0, missing: [BAD!.id] });
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

  it('is cut at its last line even where that holds bytes that are no text', async () => {
    await start();
    await rig.delivery.stop();
    const whole = readFileSync(path(), 'latin1').replace('HTTP 413', 'HTTP \xff13');
    writeFileSync(path(), `${whole}{"dead":{"id`, 'latin1');
    await rig.open();
    assert.equal(readFileSync(path(), 'latin1'), whole);
  });

  it('with a damaged line is refused and left alone', async () => {
    await start();
    await rig.delivery.stop();
    const whole = readFileSync(path(), 'utf8');
    writeFileSync(path(), `{"dead":{}}\n${whole}`);
    await assert.rejects(rig.open(), { code: 'DELIVERY_STATE_CORRUPT' });
    assert.equal(readFileSync(path(), 'utf8'), `{"dead":{}}\n${whole}`);
  });

  it('is written anew by a start when most of it is over, and not before', async () => {
    await start();
    await rig.delivery.stop();
    const letter = readFileSync(path(), 'utf8');
    const over = `${JSON.stringify({ dropped: { id: 'alr_x', at: '1', reason: 'no' } })}\n`;
    writeFileSync(path(), letter + over.repeat(DEAD_LETTERS_MAX - 1));
    const full = readFileSync(path(), 'utf8');
    await (await DeadLetters.open(path())).close();
    assert.equal(readFileSync(path(), 'utf8'), full);
    writeFileSync(path(), full + over);
    const letters = await DeadLetters.open(path());
    assert.equal(readFileSync(path(), 'utf8'), letter);
    assert.equal(letters.size, 1);
    await letters.drop(BAD!.id, '1', 'no');
    await letters.close();
    await rig.open();
    assert.equal(rig.delivery.status().dead, 0);
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

describe('a disk that takes no dead letter', () => {
  it('lets nothing of the session overtake what should have been one', async (t) => {
    const add = t.mock.method(DeadLetters.prototype, 'add', async () => {
      throw new Error('ENOSPC');
    });
    const alerts = sampleAlerts(['a', 'a', 'a', 'a'].map((subject) => ({ subject })));
    let refusing = true;
    rig = await Rig.start({
      alerts,
      batch: { alertsMax: 4, bytesMax: 10_000, ageMsMax: 0, order: 'whole' },
      batchDestination(sent) {
        if (!refusing) return OK;
        if (sent.length === 4) return { kind: 'split', reason: 'HTTP 400' };
        const items = sent.map(() => ({ kind: 'dead', reason: 'refused' }) as const);
        return sent[0] === alerts[0] ? { kind: 'partial', answer: '', items } : OK;
      },
    });
    await rig.settle();
    refusing = false;
    add.mock.restore();
    await rig.advance(DELIVERY_RETRY_MS_MAX);
    const ids = alerts.map(({ id }) => id);
    assert.deepEqual(rig.requests, [ids, ids.slice(0, 2), ids]);
  });
});
