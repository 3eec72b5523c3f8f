/**
 * Alerts to a webhook on loopback, one a request: 2,000 a second, and as fast as it goes, with the
 * processor time and the memory of the delivery; then a whole collector, from the accepted event to
 * the delivered alert with its proof. `npm run bench -- deliver 60` pours for sixty seconds.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createDelivery } from '@vitrine/connectors';
import { quantile } from './load/seen.ts';
import { aliveMib, flood, pour, Tap } from './load/tap.ts';
import { type Receiver, startReceiver } from './load/webhook-receiver.ts';
import { printFigure, printMachine, sizeAsked } from './measure/bench.ts';
import { batch, post, resident, startCollector } from './measure/collector.ts';

const SECONDS_DEFAULT = 30;
const RATE = 2_000;
/** The last alert is on its way when the time is over. */
const RATE_SHARE = 0.98;
const AT_ONCE = 20_000;
const GROWTH_MIB_MAX = 2;
const EVENTS = 200;
const WARM_UP = 20;
const EVERY_MS = 100;
const LOOK_MS = 5;
const P99_MS_MAX = 1_000;
const P99_MS_AIM = 250;
const SECRET = `whsec_${Buffer.alloc(32, 'b').toString('base64')}`;
const RULE = `title: A call that the benchmark made
id: 3b0f7c52-5a0e-4c26-9a55-0d7f3f0b9f11
name: bench_001
status: stable
description: Fires for every call of the benchmark.
author: Vitrine
date: 2026-11-29
logsource:
  product: agent_sandbox
  category: tool
detection:
  call:
    kind: tool.call
    tool.use_id|startswith: use-
  condition: call
level: high
`;

const seconds = sizeAsked(SECONDS_DEFAULT);
const dir = mkdtempSync(join(tmpdir(), 'vitrine-bench-deliver-'));
printMachine();
try {
  await withReceiver(undefined, measureKit);
  await withReceiver('BENCH-001', measureWay);
} finally {
  rmSync(dir, { recursive: true });
}

async function withReceiver(
  text: string | undefined,
  work: (receiver: Receiver) => Promise<void>,
): Promise<void> {
  const receiver = await startReceiver(text);
  try {
    await work(receiver);
  } finally {
    await receiver.stop();
  }
}

function settingsOf({ url }: Receiver) {
  return { type: 'webhook', url, allow: ['loopback'], secret: { file: join(dir, 'secret') } };
}

/** Two halves, and what lives after each, once nothing is on its way. */
async function measureKit(receiver: Receiver): Promise<void> {
  writeFileSync(join(dir, 'secret'), SECRET);
  const tap = new Tap();
  const log = (line: string): void => console.error(line);
  const receipt = async (): Promise<void> => {};
  const deps = { dir, source: tap.source, receipt, log };
  const delivery = await createDelivery('soc', settingsOf(receiver), deps);
  const half = { count: (RATE * seconds) / 2, rate: RATE };
  const cpu = process.threadCpuUsage();
  const first = await pour(delivery, tap, half);
  const { user, system } = process.threadCpuUsage(cpu);
  const before = await aliveMib();
  const second = await pour(delivery, tap, half);
  receiver.arrived.clear();
  const after = await aliveMib();
  const rates = [first, second].map(({ ms }) => (half.count * 1_000) / ms);
  printFigure('sustained', rates, 'alerts/s', { is: 'at least', value: RATE * RATE_SHARE });
  const ages = [first, second].map(({ p99 }) => p99);
  printFigure('age at the receiver, p99', ages, 'ms', { is: 'at most', value: P99_MS_MAX });
  printFigure('processor time of an alert', [(user + system) / half.count], 'us');
  printFigure('memory, resident', [resident(process.pid).now], 'MiB');
  const growth = after - before;
  printFigure('memory, grown by', [growth], 'MiB', { is: 'at most', value: GROWTH_MIB_MAX });
  const rate = await flood(delivery, tap, AT_ONCE);
  printFigure('as fast as it goes', [rate], 'alerts/s', { is: 'at least', value: RATE });
  await delivery.stop();
}

/** From the moment at which an event is sent to the arrival of the alert about it. */
async function measureWay(receiver: Receiver): Promise<void> {
  const dataDir = join(dir, 'collector');
  mkdirSync(join(dataDir, 'rules'), { recursive: true });
  writeFileSync(join(dataDir, 'rules', 'BENCH-001.yml'), RULE);
  const connectors = { soc: settingsOf(receiver) };
  const running = await startCollector(dataDir, [], `connectors: ${JSON.stringify(connectors)}\n`);
  try {
    const ages: number[] = [];
    for (let i = 0; i < EVENTS + WARM_UP; i++) {
      const sentAt = Date.now();
      await post(running, batch(`latency-${i}`, i, 1));
      while (receiver.arrived.size <= i) await sleep(LOOK_MS);
      if (i >= WARM_UP) ages.push([...receiver.arrived.values()].at(-1)! - sentAt);
      await sleep(EVERY_MS);
    }
    const p99 = [quantile(ages, 0.99)];
    printFigure('accepted event to alert, median', [quantile(ages, 0.5)], 'ms');
    printFigure('accepted event to alert, p99', p99, 'ms', { is: 'at most', value: P99_MS_MAX });
    printFigure('', p99, 'ms', { is: 'at most', value: P99_MS_AIM, aim: true });
  } finally {
    await running.stop();
  }
}
