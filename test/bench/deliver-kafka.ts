/**
 * Alerts to a real Kafka broker on this machine, which shares its cores: 2,000 a second for a
 * minute, with the age of each when the broker has it, and this process's memory; then as fast as
 * it goes. `npm run bench -- deliver-kafka 20` lasts twenty seconds. `.ci/kafka` brings the broker.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDelivery, type Delivery } from '@vitrine/connectors';
import { Broker } from '../kafka/broker.ts';
import { Topics } from '../kafka/topic.ts';
import { aliveMib, flood, pour, Tap } from './load/tap.ts';
import { printFigure, printMachine, sizeAsked } from './measure/bench.ts';
import { resident } from './measure/collector.ts';
import { cpuSeconds } from './measure/cpu.ts';

const SECONDS_DEFAULT = 60;
const RATE = 2_000;
/** The last alert is on its way when the time is over. */
const RATE_SHARE = 0.98;
const AT_ONCE = 20_000;
const P99_MS_MAX = 1_000;
const P99_MS_AIM = 250;
/** What lives after a collection, from one half of the run to the other: a leak would be more. */
const GROWTH_MIB_MAX = 2;

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
    const order = { count: half, rate: RATE };
    const cpu = cpuSeconds(process.pid);
    const first = await pour(delivery, tap, order);
    const before = await aliveMib();
    const second = await pour(delivery, tap, order);
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

async function burst(): Promise<void> {
  await withDelivery('burst', async (delivery, tap) => {
    printFigure('as fast as it goes', [await flood(delivery, tap, AT_ONCE)], 'alerts/s', {
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
