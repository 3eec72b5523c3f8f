/**
 * Alerts to a real Kafka broker on this machine, which shares its cores: 2,000 a second for a
 * minute, with the age of each when the broker has it, and this process's memory; then as fast as
 * it goes. `npm run bench -- deliver-kafka 20` lasts twenty seconds. `.ci/kafka` brings the broker.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createDelivery, type DeliverableAlert, type Delivery } from '@vitrine/connectors';
import { sampleAlerts } from '../../connectors/kit/conformance/sample-log.ts';
import { Broker } from '../kafka/broker.ts';
import { Topics } from '../kafka/topic.ts';
import { printFigure, printMachine, sizeAsked } from './measure/bench.ts';
import { resident } from './measure/collector.ts';
import { cpuSeconds } from './measure/cpu.ts';

const SECONDS_DEFAULT = 60;
const RATE = 2_000;
const SESSIONS = 200;
const STEP_MS = 20;
const AT_ONCE = 20_000;
const WARM_UP_SECONDS = 10;
const P99_MS_MAX = 1_000;
const P99_MS_AIM = 250;
/** Of the start of the run, after the warm-up: what a leak of 100 bytes an alert would exceed. */
const GROWTH_MIB_MAX = 10;
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

async function steady(): Promise<void> {
  await withDelivery('steady', async (delivery, tap) => {
    const total = RATE * seconds;
    const ages: number[] = [];
    const memory: number[] = [];
    const cpu = cpuSeconds(process.pid);
    const started = performance.now();
    let seen = 0;
    let nextLook = WARM_UP_SECONDS;
    while (seen < total) {
      const elapsed = performance.now() - started;
      tap.open = Math.min(total, Math.floor((elapsed * RATE) / 1_000));
      delivery.wake();
      await sleep(STEP_MS);
      const now = performance.now() - started;
      for (; seen <= delivery.status().cursor; seen++) ages.push(now - (seen * 1_000) / RATE);
      if (now / 1_000 < nextLook) continue;
      nextLook++;
      memory.push(resident(process.pid).now);
    }
    const ms = performance.now() - started;
    const p99 = ages.sort((a, b) => a - b)[Math.floor(ages.length * 0.99)]!;
    printFigure('sustained', [(total * 1_000) / ms], 'alerts/s', {
      is: 'at least',
      value: RATE * 0.98,
    });
    printFigure('age at the broker, p99', [p99], 'ms', { is: 'at most', value: P99_MS_MAX });
    printFigure('', [p99], 'ms', { is: 'at most', value: P99_MS_AIM, aim: true });
    printFigure('core', [(100 * (cpuSeconds(process.pid) - cpu) * 1_000) / ms], '% of one');
    if (memory.length < 4) return;
    const quarter = Math.ceil(memory.length / 4);
    const growth = mean(memory.slice(-quarter)) - mean(memory.slice(0, quarter));
    printFigure('memory at the end', [memory.at(-1)!], 'MiB');
    printFigure('memory grown by', [growth], 'MiB', { is: 'at most', value: GROWTH_MIB_MAX });
  });
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

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
