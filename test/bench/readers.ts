/**
 * What readers of the consumer API cost the intake: 100,000 records at the rate that they are
 * taken, alone, beside 32 that wait for what never comes, beside one that asks for a rare word, and
 * beside one that reads everything. Judged by processor time, by turns. `npm run bench -- readers`
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runLoad } from './load/run.ts';
import { printFigure, printMachine, sizeAsked } from './measure/bench.ts';
import { type Running, startCollector, untilStored } from './measure/collector.ts';
import { cpuSeconds, engineOf } from './measure/cpu.ts';

const RECORDS_DEFAULT = 100_000;
const WARM_UP_RECORDS = 50_000;
const RECORDS_PER_REQUEST = 500;
const SENDERS = 8;
const ROUNDS = 3;
const WAITING = 32;
const US_PER_S = 1e6;

const records = sizeAsked(RECORDS_DEFAULT);
const dataDir = mkdtempSync(join(tmpdir(), 'vitrine-readers-'));
const running = await startCollector(dataDir);
const order = {
  transport: 'http' as const,
  ...{ url: running.otlp, token: running.token, senders: SENDERS, pauseMs: 0 },
  recordsPerRequest: RECORDS_PER_REQUEST,
};
let stored = 0;

interface Cost {
  /** Of collector and engine. */
  cpuUs: number;
  read: number;
}

/** Reads on until `isOver`; gives how many records it was given. */
async function reader(query: string, isOver: () => boolean): Promise<number> {
  let read = 0;
  let place = 'from=latest';
  while (!isOver()) {
    const path = `/v1/pull/${query}wait=5&${place}`;
    const headers = { authorization: `Bearer ${running.token}` };
    const answer = await fetch(running.api + path, { headers });
    const text = await answer.text();
    if (answer.status !== 200) throw new Error(`${path}: ${text}`);
    read += text.split('\n').length - 1;
    place = `cursor=${answer.headers.get('x-next-cursor')}`;
  }
  return read;
}

async function beside(queries: string[]): Promise<Cost> {
  let isOver = false;
  const reading = queries.map((query) => reader(query, () => isOver));
  const before = spent(running);
  await runLoad({ ...order, records });
  stored += records;
  await untilStored(running, stored);
  const cpuUs = ((spent(running) - before) * US_PER_S) / records;
  isOver = true;
  const read = (await Promise.all(reading)).reduce((sum, one) => sum + one, 0);
  return { cpuUs, read };
}

function spent({ pid }: Running): number {
  return cpuSeconds(pid) + cpuSeconds(engineOf(pid));
}

const KINDS: Record<string, string[]> = {
  alone: [],
  [`beside ${WAITING} that wait for alerts`]: Array(WAITING).fill('alerts?'),
  'beside one that asks for a rare word': ['events?q=zeppelin&'],
  'beside one that reads everything': ['events?limit=5000&'],
};

try {
  stored = WARM_UP_RECORDS;
  await runLoad({ ...order, records: stored });
  await untilStored(running, stored);
  const costs = new Map<string, Cost[]>();
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, queries] of Object.entries(KINDS)) {
      costs.set(name, [...(costs.get(name) ?? []), await beside(queries)]);
    }
  }
  printMachine();
  for (const [name, runs] of costs) {
    printFigure(
      name,
      runs.map(({ cpuUs }) => cpuUs),
      'µs of processor time a record',
    );
    const read = runs.map((one) => one.read);
    if (name.endsWith('everything')) printFigure('  records it read', read, 'records');
  }
} finally {
  await running.stop();
  rmSync(dataDir, { recursive: true });
}
