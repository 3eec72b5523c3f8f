/** Alerts onto a real broker that is killed, frozen, and set up wrongly: nothing is lost. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  createDelivery,
  type DeliverableAlert,
  type Delivery,
  testConnector,
} from '@vitrine/connectors';
import { KAFKA_BATCH_ALERTS_MAX } from '@vitrine/schema';
import { listSource, sampleAlerts } from '../../connectors/kit/conformance/sample-log.ts';
import { until } from '../acceptance/path/until.ts';
import { Broker, hasBroker } from './broker.ts';
import { type Arrival, Topics } from './topic.ts';

const SESSIONS = 24;
/** A canary: it must never be seen again. */
const WRONG_PASSWORD = 'canary-wrong-4711';
const DELIVERED_MS_MAX = 60_000;
const QUICK = { pollMs: 50, retryMsMin: 50, retryMsMax: 500, attemptMs: 2_000, pauseMs: 600_000 };

let broker: Broker;
let topics: Topics;
let made = 0;

/** One delivery of a list that may grow, to a topic of its own. */
class Outbox {
  readonly topic = `alerts-${made++}`;
  readonly dir = mkdtempSync(join(tmpdir(), 'vitrine-kafka-delivery-'));
  readonly alerts: DeliverableAlert[] = [];
  readonly lines: string[] = [];
  delivery!: Delivery;
  settings: object = {};

  async start(t: TestContext, settings: object = {}, topic = {}): Promise<this> {
    await topics.make(this.topic, topic);
    const brokers = [`127.0.0.1:${broker.ports.plain}`];
    const usual = { type: 'kafka', brokers, topic: this.topic, tls: false, allow: ['loopback'] };
    this.settings = { ...usual, start: 'beginning', ...settings };
    this.delivery = await createDelivery('soc', this.settings, {
      dir: this.dir,
      source: listSource(this.alerts),
      receipt: async () => {},
      log: (line) => this.lines.push(line),
      environment: { PASSWORD: broker.password },
      timing: QUICK,
    });
    t.after(async () => {
      await this.delivery.stop();
      rmSync(this.dir, { recursive: true });
    });
    return this;
  }

  add(alerts: DeliverableAlert[]): void {
    this.alerts.push(...alerts);
    this.delivery.wake();
  }

  /** Until every alert so far is settled. */
  settled(): Promise<true> {
    const last = this.alerts.at(-1)!.index;
    return until('every alert is settled', DELIVERED_MS_MAX, () => {
      return this.delivery.status().cursor === last || undefined;
    });
  }

  state(wanted: string): Promise<string> {
    return until(wanted, 10_000, () => {
      const { state, lastError } = this.delivery.status();
      return state === wanted ? String(lastError) : undefined;
    });
  }
}

/** Nothing missing, the same bytes under the same id, first arrivals in order; how many doubles. */
function checkArrivals(arrivals: Arrival[], alerts: DeliverableAlert[]): number {
  const first = new Map<string, Arrival>();
  const last = new Map<string, number>();
  for (const arrival of arrivals) {
    const id = arrival.headers['vitrine-id']!;
    const known = first.get(id);
    if (known !== undefined) {
      assert.equal(arrival.value, known.value);
      assert.equal(arrival.partition, known.partition);
      continue;
    }
    first.set(id, arrival);
    const index = Number(arrival.headers['vitrine-index']);
    const key = arrival.key!;
    assert.ok(index > (last.get(key) ?? -1), `${key}: ${index} came after ${last.get(key)}`);
    last.set(key, index);
  }
  const missing = alerts.filter(({ id }) => !first.has(id)).map(({ index }) => index);
  assert.deepEqual(missing, []);
  assert.equal(first.size, alerts.length);
  return arrivals.length - first.size;
}

describe('a real broker', () => {
  const alerts = sampleAlerts(
    Array.from({ length: 4_000 }, (_, i) => ({ subject: `s${(i * 7) % SESSIONS}` })),
  );
  let given = false;

  before(async (t) => {
    given = hasBroker(t as TestContext);
    if (!given) return;
    broker = await Broker.start();
    topics = await Topics.of(broker);
  });
  after(async () => {
    if (!given) return;
    await topics.close();
    await broker.remove();
  });

  it('that is killed twice and comes back has every alert, in order', async (t) => {
    const outbox = await new Outbox().start(t);
    let back = Promise.resolve();
    for (let i = 0; i < alerts.length; i += 100) {
      outbox.add(alerts.slice(i, i + 100));
      await sleep(50);
      if (i !== 1_000 && i !== 3_000) continue;
      await back;
      await broker.kill();
      back = broker.restart();
    }
    await back;
    await outbox.settled();
    assert.deepEqual(outbox.delivery.deadLetters(), []);
    const doubles = checkArrivals(await topics.read(outbox.topic), alerts);
    t.diagnostic(`${doubles} doubles after two kills`);
    assert.ok(doubles <= 2 * KAFKA_BATCH_ALERTS_MAX, `${doubles} doubles`);
  });

  it('that hangs and goes on has every alert, in order', async (t) => {
    const outbox = await new Outbox().start(t);
    for (let i = 0; i < 2_000; i += 100) {
      outbox.add(alerts.slice(i, i + 100));
      await sleep(30);
      if (i === 800) {
        broker.freeze();
        setTimeout(() => broker.thaw(), 3_000);
      }
    }
    await outbox.settled();
    assert.match(String(outbox.delivery.status().lastError), /no answer within 2000 ms|timed out/);
    const doubles = checkArrivals(await topics.read(outbox.topic), alerts.slice(0, 2_000));
    t.diagnostic(`${doubles} doubles after a hang of 3 s`);
    assert.ok(doubles <= 4 * KAFKA_BATCH_ALERTS_MAX, `${doubles} doubles`);
  });

  for (const mechanism of ['plain', 'scram-sha-256', 'scram-sha-512']) {
    it(`that refuses the password has all once the file is right: ${mechanism}`, async (t) => {
      const outbox = new Outbox();
      const file = join(outbox.dir, 'password');
      writeFileSync(file, WRONG_PASSWORD);
      const sasl = { mechanism, username: 'alice', password: { file } };
      const brokers = [`127.0.0.1:${broker.ports.sasl}`];
      await outbox.start(t, { brokers, sasl });
      outbox.add(alerts.slice(0, 50));
      assert.match(await outbox.state('paused'), /SASL .* authentication failed.*check sasl/);
      writeFileSync(file, broker.password);
      await outbox.settled();
      assert.equal(checkArrivals(await topics.read(outbox.topic), alerts.slice(0, 50)), 0);
      const said = JSON.stringify([outbox.lines, outbox.delivery.status()]);
      for (const secret of [WRONG_PASSWORD, broker.password]) assert.ok(!said.includes(secret));
    });
  }

  it('over TLS is verified, and sees our certificate', async (t) => {
    const ca = { ca_file: broker.file('ca.pem'), tls: true };
    const pair = { cert_file: broker.file('client.pem'), key_file: broker.file('client.key') };
    const password = { env: 'PASSWORD' };
    const sasl = { mechanism: 'scram-sha-512', username: 'alice', password };
    const ways = [
      { ...ca, brokers: [`localhost:${broker.ports.tls}`], sasl },
      { ...ca, ...pair, brokers: [`localhost:${broker.ports.mutual}`] },
    ];
    for (const way of ways) {
      const outbox = await new Outbox().start(t, way);
      outbox.add(alerts.slice(0, 20));
      await outbox.settled();
      checkArrivals(await topics.read(outbox.topic), alerts.slice(0, 20));
    }
    const others = await new Outbox().start(t, { ...ways[0], ca_file: undefined });
    others.add(alerts.slice(0, 1));
    await sleep(1_000);
    assert.match(String(others.delivery.status().lastError), /certificate/);
    assert.equal(await topics.count(others.topic), 0);
  });

  it('takes a test alert that says so, and what a stop had under way', async (t) => {
    const outbox = await new Outbox().start(t);
    const { ok, steps } = await testConnector('soc', outbox.settings);
    assert.ok(ok, JSON.stringify(steps));
    const [test] = await topics.read(outbox.topic);
    assert.equal(test?.headers['vitrine-test'], 'true');
    outbox.add(alerts.slice(0, 300));
    await sleep(20);
    await outbox.delivery.stop();
    const { cursor } = outbox.delivery.status();
    const settled = alerts.filter(({ index }) => index <= cursor);
    const arrived = await topics.read(outbox.topic);
    const has = new Set(arrived.map(({ headers }) => headers['vitrine-id']));
    const missing = settled.filter(({ id }) => !has.has(id)).map(({ id }) => id);
    assert.deepEqual(missing, []);
  });

  it('without the topic pauses it, and none is made', async (t) => {
    const outbox = await new Outbox().start(t, { topic: 'nowhere' });
    outbox.add(alerts.slice(0, 10));
    assert.match(await outbox.state('paused'), /UNKNOWN_TOPIC_OR_PARTITION.*create the topic/);
    assert.ok(!(await topics.names()).includes('nowhere'));
  });

  it('that takes less at once gets less, and one that is too large is a dead letter', async (t) => {
    const long = { subject: 's', fields: { what: 'x'.repeat(1_200) } };
    const mixed = sampleAlerts([{}, {}, {}, long, {}].map((one) => ({ subject: 's', ...one })));
    const bytes = JSON.stringify(mixed[0]).length;
    const topic = { 'max.message.bytes': String(bytes + 600) };
    const outbox = await new Outbox().start(t, { dialect: 'vitrine' }, topic);
    outbox.add(mixed);
    await outbox.settled();
    const [letter, ...more] = outbox.delivery.deadLetters();
    assert.deepEqual([letter?.id, more], [mixed[3]!.id, []]);
    assert.match(String(letter?.reason), /MESSAGE_TOO_LARGE/);
    checkArrivals(await topics.read(outbox.topic), mixed.toSpliced(3, 1));
  });
});
