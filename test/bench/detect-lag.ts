/**
 * How far detection is behind what can be read, while a load generator sends about 20,000 records
 * a second: `/metrics` is asked again and again. `npm run bench -- detect-lag 600000` sends that
 * many.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runLoad } from './load/run.ts';
import { printFigure, printMachine, sizeAsked } from './measure/bench.ts';
import { get, startCollector, untilStored } from './measure/collector.ts';

const RECORDS_DEFAULT = 400_000;
const WARM_UP_RECORDS = 50_000;
const RECORDS_PER_REQUEST = 500;
const SENDERS = 10;
/** With some 50 ms for an answer, each sender sends four requests a second. */
const PAUSE_MS = 200;
const LOOK_MS = 25;
const MS_PER_S = 1_000;
/** Issue: the 99th percentile of the lag at 20,000 events a second. */
const LAG_P99_MS_MAX = 200;
const RATE = 20_000;

const records = sizeAsked(RECORDS_DEFAULT);
const dataDir = mkdtempSync(join(tmpdir(), 'vitrine-detect-lag-'));
const running = await startCollector(dataDir);
try {
  const order = {
    transport: 'http' as const,
    ...{ url: running.otlp, token: running.token, senders: SENDERS, pauseMs: PAUSE_MS },
    recordsPerRequest: RECORDS_PER_REQUEST,
  };
  await runLoad({ ...order, records: WARM_UP_RECORDS });
  await untilStored(running, WARM_UP_RECORDS);
  const lagsMs: number[] = [];
  let isSending = true;
  const looking = (async () => {
    while (isSending) {
      const text = String(await get(running, '/metrics'));
      lagsMs.push(Number(/^vitrine_detect_lag_seconds (\S+)/m.exec(text)![1]) * MS_PER_S);
      await sleep(LOOK_MS);
    }
  })();
  const sent = await runLoad({ ...order, records });
  isSending = false;
  await looking;
  print(sent.records / (sent.ms / MS_PER_S), lagsMs);
} finally {
  await running.stop();
  rmSync(dataDir, { recursive: true });
}

function print(rate: number, lagsMs: number[]): void {
  const sorted = lagsMs.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor((sorted.length - 1) * share)]!;
  printMachine();
  console.log(`records  ${records}, looked at ${sorted.length} times`);
  printFigure('sent', [rate], 'records/s', { is: 'at least', value: RATE, aim: true });
  printFigure('behind, p50', [at(0.5)], 'ms');
  printFigure('behind, p99', [at(0.99)], 'ms', { is: 'at most', value: LAG_P99_MS_MAX });
}
