/**
 * Alerts to a real Kafka broker on this machine, which shares its cores: 2,000 a second for a
 * minute, with the age of each when the broker has it, and this process's memory; then as fast as
 * it goes. `npm run bench -- deliver-kafka 20` lasts twenty seconds. `.ci/kafka` brings the broker.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createDelivery, type DeliverableAlert, type Delivery } from '@vitrine/connectors';
import { sampleAlerts } from '../../connectors/kit/conformance/sample-log.ts';
import { Broker } from '../kafka/broker.ts';
import { Topics } from '../kafka/topic.ts';
import { printFigure, printMachine, sizeAsked } from './measure/bench.ts';
import { resident } from './measure/collector.ts';
import { cpuSeconds } from './measure/cpu.ts';

const SECONDS_DEFAULT = 60;
const RATE = 2_000;
/** The last alert is on its way when the time is over. */
const RATE_SHARE = 0.98;
const SESSIONS = 200;
const STEP_MS = 20;
const SETTLE_MS = 500;
const AT_ONCE = 20_000;
const P99_MS_MAX = 1_000;
const P99_MS_AIM = 250;
/** What lives after a collection, from one half of the run to the other: a leak would be more. */
const GROWTH_MIB_MAX = 2;
const MIB = 2 ** 20;
const collect = makeCollect();
const TEMPLATE = sampleAlerts([{}])[0]!;

/** Alerts that are made when they are read: none is kept, so memory is the delivery's own. */
class Tap {
  open = 0;

  readonly source = {
    read: async (after: number, limit: number): Promise<DeliverableAlert[]> => {
      const count = Math.max(0, Math.min(limit, this.open - after - 1));
      return Array.from({ length: count }, (_, i) => alertAt(after + 1 + i));
    },
    tip: async (): Promise<number> => this.open - 1,
  };
}

function alertAt(index: number): DeliverableAlert {
  const id = `alr_${index.toString(16).padStart(32, '0')}`;
  const record = { ...TEMPLATE.record, id, subject: `session-${index % SESSIONS}` };
  return { ...TEMPLATE, id, index, record, t: `${Date.now()}000000` };
}

const seconds = sizeAsked(SECONDS_DEFAULT);
printMachine();
const broker = await Broker.start();
const topics = await Topics.of(broker);
try {
  await steady();
  await burst();
} finally {
  await topics.close();
  await broker.remove();
}

/** Two halves, and what lives after each, once nothing is on its way. */
async function steady(): Promise<void> {
  await withDelivery('steady', async (delivery, tap) => {
    const half = (RATE * seconds) / 2;
    const cpu = cpuSeconds(process.pid);
    const first = await pour(delivery, tap, half);
    const before = await aliveMib();
    const second = await pour(delivery, tap, half);
    const after = await aliveMib();
    const share = (cpuSeconds(process.pid) - cpu) / ((first.ms + second.ms) / 1_000);
    const rates = [first, second].map(({ ms }) => (half * 1_000) / ms);
    printFigure('sustained', rates, 'alerts/s', { is: 'at least', value: RATE * RATE_SHARE });
    const ages = [first, second].map(({ p99 }) => p99);
    printFigure('age at the broker, p99', ages, 'ms', { is: 'at most', value: P99_MS_MAX });
    printFigure('', ages, 'ms', { is: 'at most', value: P99_MS_AIM, aim: true });
    printFigure('core', [100 * share], '% of one');
    printFigure('memory, resident', [resident(process.pid).now], 'MiB');
    printFigure('memory, alive', [after], 'MiB');
    printFigure('  grown by', [after - before], 'MiB', { is: 'at most', value: GROWTH_MIB_MAX });
  });
}

/** So many more, at the rate, until the broker has them all. */
async function pour(
  delivery: Delivery,
  tap: Tap,
  count: number,
): Promise<{ ms: number; p99: number }> {
  const first = tap.open;
  const ages = new Float64Array(count);
  const started = performance.now();
  for (let seen = 0; seen < count; ) {
    const elapsed = performance.now() - started;
    tap.open = first + Math.min(count, Math.floor((elapsed * RATE) / 1_000));
    delivery.wake();
    await sleep(STEP_MS);
    const now = performance.now() - started;
    const { cursor } = delivery.status();
    for (; seen <= cursor - first; seen++) ages[seen] = now - (seen * 1_000) / RATE;
  }
  const ms = performance.now() - started;
  return { ms, p99: ages.sort()[Math.floor(count * 0.99)]! };
}

async function burst(): Promise<void> {
  await withDelivery('burst', async (delivery, tap) => {
    const started = performance.now();
    tap.open = AT_ONCE;
    while (delivery.status().cursor < AT_ONCE - 1) {
      delivery.wake();
      await sleep(STEP_MS);
    }
    const ms = performance.now() - started;
    printFigure('as fast as it goes', [(AT_ONCE * 1_000) / ms], 'alerts/s', {
      is: 'at least',
      value: RATE,
    });
  });
}

async function withDelivery(
  topic: string,
  work: (delivery: Delivery, tap: Tap) => Promise<void>,
): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'vitrine-bench-kafka-'));
  const tap = new Tap();
  await topics.make(topic);
  const brokers = [`127.0.0.1:${broker.ports.plain}`];
  const settings = { type: 'kafka', brokers, topic, tls: false, allow: ['loopback'] };
  const delivery = await createDelivery('soc', settings, {
    dir,
    source: tap.source,
    receipt: async () => {},
    log: (line) => console.error(line),
  });
  try {
    await work(delivery, tap);
    const count = await topics.count(topic);
    if (count !== tap.open) throw new Error(`the topic has ${count} of ${tap.open} alerts`);
  } finally {
    await delivery.stop();
    rmSync(dir, { recursive: true });
  }
}

/** Of heap and buffers, once all is settled and what is dead is gone. */
async function aliveMib(): Promise<number> {
  await sleep(SETTLE_MS);
  collect();
  await sleep(STEP_MS);
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / MIB;
}

function makeCollect(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}
