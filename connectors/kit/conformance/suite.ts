/**
 * What every connector must do, against a destination that misbehaves. A connector that passes may
 * call itself one; the cases know nothing of any format but what is asked of all.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ALERT_BYTES_MAX } from '@vitrine/schema';
import { type Clock, systemClock } from '../clock.ts';
import type { DeliverableAlert } from '../contract.ts';
import type { ConnectorType } from '../define.ts';
import { selfTest } from '../self-test.ts';
import { Bench, type ConnectorSample, QUICK, until } from './bench.ts';
import { assertOrder, assertUnsaid, ids, says } from './claims.ts';
import {
  accept,
  answer,
  FaultServer,
  hang,
  hide,
  reset,
  type SampleDestination,
  slow,
  type Treatment,
} from './fault-server.ts';
import { goesWithoutContent } from './redaction.ts';
import { sampleAlerts } from './sample-log.ts';

type Case = (bench: Bench) => Promise<void>;

export function conformance(
  type: ConnectorType,
  sample: ConnectorSample,
  destination: SampleDestination = {},
): void {
  describe(`${type.type} conforms`, { concurrency: 4 }, () => {
    const hides = destination.hide === undefined ? {} : HIDING_CASES;
    const asks = destination.side === undefined ? {} : TOKEN_CASES;
    for (const [name, run] of Object.entries({ ...CASES, ...hides, ...asks })) {
      it(name, async () => {
        const alerts = sampleAlerts([{ subject: 'a' }, { subject: 'b' }, { subject: 'a' }]);
        const bench = new Bench(type, sample, await FaultServer.start(destination), alerts);
        try {
          await run(bench);
        } finally {
          await bench.end();
        }
      });
    }
  });
}

/** Treats the first request of one alert so, and accepts everything else. */
function failOnce(bench: Bench, alert: DeliverableAlert, treatment: Treatment): void {
  let failed = false;
  bench.server.treat = (request) => {
    if (failed || !bench.requestsOf(alert).includes(request)) return accept;
    failed = true;
    return treatment;
  };
}

/** Everything arrived; the failed alert came again under its id and before what follows it. */
async function recovers(bench: Bench, treatment: Treatment, timing = {}): Promise<void> {
  const [first] = bench.alerts;
  failOnce(bench, first!, treatment);
  const delivery = await bench.start(timing);
  await until('all are delivered', () => delivery.status().delivered === 3);
  assert.equal(bench.requestsOf(first!).length, 2);
  assertOrder(bench, bench.requestsOf(first!)[1]!.at);
  const { state, cursor, lag, dead } = delivery.status();
  const at = bench.alerts.at(-1)!.index;
  assert.deepEqual({ state, cursor, lag, dead }, { state: 'running', cursor: at, lag: 0, dead: 0 });
}

/** Refused for good: set aside, and nothing else is held up. */
async function setsAside(bench: Bench, status: number): Promise<void> {
  const [, bad] = bench.alerts;
  bench.poison(bad!, answer(status));
  const delivery = await bench.start();
  await until('all are settled', () => delivery.status().lag === 0);
  const { delivered, dead } = delivery.status();
  assert.deepEqual({ delivered, dead }, { delivered: 2, dead: 1 });
  assert.equal(delivery.deadLetters()[0]!.id, bad!.id);
  // Alone at once, or halved out of a batch of three.
  assert.ok(bench.requestsOf(bad!).length <= 3);
  assert.equal(bench.requestsOf(bad!).at(-1)!.body.includes(bench.alerts[0]!.id), false);
}

/** Stops without losing anything, and goes on by itself when the destination does. */
async function pauses(bench: Bench, status: number, headers = {}): Promise<void> {
  bench.server.treat = () => answer(status, headers);
  const delivery = await bench.start();
  await until('it is paused', () => delivery.status().state === 'paused');
  assert.equal(delivery.status().dead, 0);
  bench.server.treat = () => accept;
  await until('all are delivered', () => delivery.status().delivered === 3);
  assert.equal(delivery.status().dead, 0);
}

const CASES: Record<string, Case> = {
  async 'delivers in order within a session, once, with a receipt for each'(bench) {
    const delivery = await bench.start();
    await until('all are delivered', () => delivery.status().delivered === 3);
    for (const alert of bench.alerts) assert.equal(bench.requestsOf(alert).length, 1);
    assertOrder(bench);
    const receipts = () => bench.receipts.flatMap(({ alerts }) => alerts);
    await until('all have receipts', () => receipts().length === 3);
    assert.deepEqual(new Set(receipts().map(({ id }) => id)), new Set(ids(bench.alerts)));
  },

  async 'carries id, leaf and proof within the size that every destination takes'(bench) {
    const delivery = await bench.start();
    await until('all are delivered', () => delivery.status().delivered === 3);
    for (const alert of bench.alerts) {
      const { body } = bench.requestsOf(alert)[0]!;
      assert.ok(bench.connector().encode(alert).length <= ALERT_BYTES_MAX);
      for (const text of [alert.id, alert.leaf, alert.proof]) assert.ok(says(body, text), text);
    }
  },

  'content goes nowhere, redacted or not, and the proof holds without it': goesWithoutContent,
  '400 sets the alert aside': (bench) => setsAside(bench, 400),
  '413 sets the alert aside': (bench) => setsAside(bench, 413),
  '401 pauses': (bench) => pauses(bench, 401),
  '403 pauses': (bench) => pauses(bench, 403),
  '410 pauses': (bench) => pauses(bench, 410),

  async 'redirects are not followed'(bench) {
    await pauses(bench, 307, { location: `${bench.server.url}/elsewhere` });
    assert.ok(bench.server.received.every(({ url }) => url !== '/elsewhere'));
  },

  async '429 is given the rest it asks for, by its own clock'(bench) {
    // The destination's clock is a day ahead: only the difference of its two dates counts.
    const day = 86_400_000;
    const second = (ms: number): string => new Date(Date.now() + day + ms).toUTCString();
    const headers = { date: second(0), 'retry-after': second(1_000) };
    const [first] = bench.alerts;
    failOnce(bench, first!, answer(429, headers));
    const delivery = await bench.start();
    await until('all are delivered', () => delivery.status().delivered === 3);
    const [before, after] = bench.requestsOf(first!);
    const waited = after!.at - before!.at;
    assert.ok(waited >= 999 && waited < 5_000, `${waited} ms`);
  },

  '500 is tried again': (bench) => recovers(bench, answer(500)),
  'a reset is tried again': (bench) => recovers(bench, reset),
  'a hang ends at the deadline and is tried again': (bench) =>
    recovers(bench, hang, { attemptMs: 500 }),

  async 'a slow answer is waited for'(bench) {
    bench.server.treat = () => slow;
    const delivery = await bench.start();
    await until('all are delivered', () => delivery.status().delivered === 3);
    for (const alert of bench.alerts) assert.equal(bench.requestsOf(alert).length, 1);
  },

  async 'a destination that is not there yet is waited for'(bench) {
    await bench.server.stop();
    const delivery = await bench.start();
    await until('it failed', () => delivery.status().failed >= 3);
    assert.match(String(delivery.status().lastError), /ECONNREFUSED/);
    assert.equal(delivery.status().dead, 0);
    await bench.server.listen();
    await until('all are delivered', () => delivery.status().delivered === 3);
  },

  async 'a crash between send and commit repeats the alert under the same id'(bench) {
    const [first] = bench.alerts;
    bench.alerts.splice(1);
    let left = '';
    bench.server.treat = () => (response, request) => {
      left = bench.crashCopy();
      accept(response, request, bench.server.destination);
    };
    const before = await bench.start();
    await until('it is delivered', () => before.status().delivered === 1);
    await before.stop();
    bench.server.treat = () => accept;
    const after = await bench.start({}, { dir: left });
    await until('it is delivered again', () => after.status().delivered === 1);
    const [one, two] = bench.requestsOf(first!);
    assert.ok(one !== two && one!.body.includes(first!.id) && two!.body.includes(first!.id));
    await after.stop();
    const third = await bench.start({}, { dir: left });
    assert.equal(third.status().lag, 0);
    assert.equal(bench.requestsOf(first!).length, 2);
  },

  async 'a clock that is set back does not hold anything up'(bench) {
    let setBackMs = 0;
    const clock: Clock = { ...systemClock, now: () => Date.now() - setBackMs };
    const [first] = bench.alerts;
    failOnce(bench, first!, (response, request) => {
      setBackMs = 86_400_000;
      answer(500)(response, request, {});
    });
    const delivery = await bench.start({}, { clock });
    await until('all are delivered', () => delivery.status().delivered === 3);
    assert.equal(delivery.status().lagMs, 0);
  },

  async 'secrets are seen nowhere, whatever the destination sends back'(bench) {
    const [first] = bench.alerts;
    bench.poison(first!, answer(400));
    const delivery = await bench.start();
    await until('one is dead', () => delivery.status().dead > 0);
    const rest = sampleAlerts(['a', 'b', 'c', 'd', 'e'].map((subject) => ({ subject })));
    bench.alerts.push(...rest.slice(3));
    bench.server.treat = () => answer(500);
    delivery.wake();
    await until('it is tried again', () => delivery.status().failures.retry > 2);
    bench.server.treat = () => answer(401);
    await until('it is paused', () => delivery.status().failures.pause > 0);
    const report = await selfTest('soc', bench.type.configure('soc', bench.config), {
      environment: bench.sample.environment,
      timing: QUICK,
    });
    await delivery.stop();
    const said = bench.everythingSaid() + JSON.stringify(report);
    assert.ok(said.includes('400') && said.includes('401'));
    assertUnsaid(bench, said);
  },

  async 'a test alert says that it is one and reports its steps'(bench) {
    const connector = bench.type.configure('soc', bench.config);
    const deps = { environment: bench.sample.environment, timing: QUICK };
    const { ok, steps, alert, type } = await selfTest('soc', connector, deps);
    assert.deepEqual({ ok, type }, { ok: true, type: bench.type.type });
    const taken = steps.map((step) => step.step);
    assert.deepEqual(
      taken.filter((step) => !['token', 'probe', 'confirm'].includes(step)),
      ['settings', 'connect', 'send'],
    );
    const { body } = bench.server.received.find((request) => request.body.includes(alert))!;
    assert.ok(body.includes('SELFTEST') && /test\W{1,8}true/i.test(body), body);
    bench.server.treat = () => answer(401);
    const refused = await selfTest('soc', connector, deps);
    assert.equal(refused.ok, false);
    assert.match(refused.steps.at(-1)!.detail, /401/);
  },

  async 'a stop waits for the answer to what is under way'(bench) {
    bench.server.treat = () => slow;
    const delivery = await bench.start({ stopMs: 5_000 });
    await until('a request is under way', () => bench.server.received.length > 0);
    await delivery.stop();
    const sent = bench.alerts.filter((alert) => bench.requestsOf(alert).length > 0);
    assert.equal(delivery.status().delivered, sent.length);
    const alerts = bench.receipts.flatMap((receipt) => receipt.alerts);
    assert.deepEqual(new Set(alerts.map(({ id }) => id)), new Set(ids(sent)));
  },

  async 'a stop does not wait for a destination that hangs'(bench) {
    bench.server.treat = () => hang;
    const delivery = await bench.start({ attemptMs: 60_000, stopMs: 50 });
    await until('a request is under way', () => bench.server.received.length > 0);
    await delivery.stop();
    assert.equal(delivery.status().delivered, 0);
    bench.server.treat = () => accept;
    const next = await bench.start();
    await until('all are delivered', () => next.status().delivered === 3);
  },
};

/** Only where the destination documents that a success may hide a refusal. */
const HIDING_CASES: Record<string, Case> = {
  async 'a refusal hidden in a success sets that alert aside, and no other'(bench) {
    const [, bad] = bench.alerts;
    bench.poison(bad!, hide([bad!.id]));
    const delivery = await bench.start();
    await until('all are settled', () => delivery.status().lag === 0);
    const { delivered, dead } = delivery.status();
    assert.deepEqual({ delivered, dead }, { delivered: 2, dead: 1 });
    assert.equal(delivery.deadLetters()[0]!.id, bad!.id);
  },
};

/** Only where there is more to ask than to deliver. */
const TOKEN_CASES: Record<string, Case> = {
  async 'an issuer that fails is waited for, one that refuses pauses, and neither shows a secret'(
    bench,
  ) {
    bench.server.treatSide = () => answer(503);
    const delivery = await bench.start();
    await until('it is tried again', () => delivery.status().failures.retry > 1);
    bench.server.treatSide = () => answer(400);
    await until('it is paused', () => delivery.status().failures.pause > 0);
    assert.equal(delivery.status().dead, 0);
    assertUnsaid(bench, bench.everythingSaid());
    bench.server.treatSide = () => accept;
    await until('all are delivered', () => delivery.status().delivered === 3);
  },
};
