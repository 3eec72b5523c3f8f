/**
 * How fast one machine takes events: OTLP records accepted, chained, durable and queryable, with
 * the senders on the same cores. `npm run bench -- ingest 200000` sends that many records.
 */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { printMachine, sizeAsked } from './measure/bench.ts';
import {
  batch,
  post,
  type Running,
  resident,
  startCollector,
  untilStored,
} from './measure/collector.ts';

const RECORDS_DEFAULT = 100_000;
const RECORDS_PER_REQUEST = 500;
const SENDERS = 8;

/** Sends until `total` is reached; gives the milliseconds each answer took. */
async function send(running: Running, total: number): Promise<number[]> {
  const waits: number[] = [];
  let sent = 0;
  const one = async (sender: number): Promise<void> => {
    while (sent < total) {
      const body = batch(`bench-${sender}`, sent, RECORDS_PER_REQUEST);
      sent += RECORDS_PER_REQUEST;
      waits.push(...(await post(running, body)));
    }
  };
  await Promise.all(Array.from({ length: SENDERS }, (_, sender) => one(sender)));
  return waits.sort((a, b) => a - b);
}

function bytesUnder(dir: string): number {
  return readdirSync(dir, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

const total = sizeAsked(RECORDS_DEFAULT);
const dataDir = mkdtempSync(join(tmpdir(), 'vitrine-bench-'));
const booted = performance.now();
const running = await startCollector(dataDir);
const readyMs = performance.now() - booted;
try {
  const started = performance.now();
  const waits = await send(running, total);
  const ackedSeconds = (performance.now() - started) / 1_000;
  await untilStored(running, total);
  const storedSeconds = (performance.now() - started) / 1_000;
  const at = (share: number): string => waits[Math.floor(waits.length * share)]!.toFixed(0);
  printMachine();
  console.log(`records             ${total} in requests of ${RECORDS_PER_REQUEST}`);
  console.log(`start to ready      ${readyMs.toFixed(0)} ms, empty`);
  console.log(`acknowledged        ${Math.round(total / ackedSeconds)} records/s, durable`);
  console.log(`sealed, queryable   ${Math.round(total / storedSeconds)} records/s`);
  console.log(`answer p50, p99     ${at(0.5)} ms, ${at(0.99)} ms at full load`);
  console.log(`collector memory    ${resident(running.pid).now.toFixed(0)} MiB without the engine`);
} finally {
  await running.stop();
}
const perRecord = bytesUnder(join(dataDir, 'store')) / total;
console.log(`store on disk       ${perRecord.toFixed(0)} bytes a record, merges unfinished`);
rmSync(dataDir, { recursive: true });
