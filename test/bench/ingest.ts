/**
 * How fast one machine takes events: OTLP records accepted, chained, durable and queryable, with
 * the senders on the same cores. `npm run bench -- ingest 200000` sends that many records.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { encodeLogsRequest } from '@vitrine/schema';

const RECORDS_DEFAULT = 100_000;
const RECORDS_PER_REQUEST = 500;
const SENDERS = 8;
const COLLECTOR = fileURLToPath(new URL('../../apps/collector/bin/collector.mjs', import.meta.url));

interface Running {
  api: string;
  otlp: string;
  token: string;
  pid: number;
  stop(): Promise<void>;
}

async function startCollector(dataDir: string): Promise<Running> {
  const child = spawn(process.execPath, [COLLECTOR, '--data', dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.startsWith('ready ')) continue;
    const { api, otlp, admin_token_file } = JSON.parse(line.slice('ready '.length)) as Record<
      'api' | 'otlp' | 'admin_token_file',
      string
    >;
    const token = readFileSync(admin_token_file, 'utf8').trim();
    const stop = async (): Promise<void> => {
      child.kill('SIGTERM');
      await ended;
    };
    return { api, otlp, token, pid: child.pid!, stop };
  }
  throw new Error('the collector did not start');
}

/** A batch like an agent's: tool calls with some attributes and an input of 200 bytes. */
function batch(sender: number, first: number): Buffer {
  const records = Array.from({ length: RECORDS_PER_REQUEST }, (_, i) => ({
    eventName: 'tool.call',
    timeUnixNano: String(BigInt(Date.now()) * 1_000_000n),
    attributes: {
      'session.id': `bench-${sender}`,
      'tool.name': 'Bash',
      'tool.use_id': `use-${first + i}`,
      'agent.id': 'main',
      'vitrine.part.input': `{"command":"${'x'.repeat(180)}"}`,
    },
  }));
  return encodeLogsRequest(records, { 'vitrine.shim.name': 'bench' });
}

/** Sends until `total` is reached; gives the milliseconds each answer took. */
async function send(running: Running, total: number): Promise<number[]> {
  const waits: number[] = [];
  let sent = 0;
  const headers = {
    authorization: `Bearer ${running.token}`,
    'content-type': 'application/x-protobuf',
  };
  const one = async (sender: number): Promise<void> => {
    while (sent < total) {
      const body = batch(sender, sent);
      sent += RECORDS_PER_REQUEST;
      for (;;) {
        const started = performance.now();
        const answer = await fetch(`${running.otlp}/v1/logs`, { method: 'POST', headers, body });
        await answer.arrayBuffer();
        waits.push(performance.now() - started);
        if (answer.status === 200) break;
        await sleep(Number(answer.headers.get('retry-after') ?? 1) * 1_000);
      }
    }
  };
  await Promise.all(Array.from({ length: SENDERS }, (_, sender) => one(sender)));
  return waits.sort((a, b) => a - b);
}

async function untilStored(running: Running, total: number): Promise<void> {
  const headers = { authorization: `Bearer ${running.token}` };
  for (;;) {
    const answer = await fetch(`${running.api}/v1/events?limit=1`, { headers });
    const { size } = (await answer.json()) as { size: number };
    if (size >= total) return;
    await sleep(20);
  }
}

function bytesUnder(dir: string): number {
  return readdirSync(dir, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

function residentMb(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Math.round(Number(kilobytes) / 1_024);
}

const total = Number(process.argv[2] ?? RECORDS_DEFAULT);
const dataDir = mkdtempSync(join(tmpdir(), 'vitrine-bench-'));
writeFileSync(join(dataDir, 'vitrine.yaml'), 'listen: {api: 0, otlp_http: 0}\n');
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
  console.log(`machine             ${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}`);
  console.log(`records             ${total} in requests of ${RECORDS_PER_REQUEST}`);
  console.log(`start to ready      ${readyMs.toFixed(0)} ms, empty`);
  console.log(`acknowledged        ${Math.round(total / ackedSeconds)} records/s, durable`);
  console.log(`sealed, queryable   ${Math.round(total / storedSeconds)} records/s`);
  console.log(`answer p50, p99     ${at(0.5)} ms, ${at(0.99)} ms at full load`);
  console.log(`collector memory    ${residentMb(running.pid)} MB without the engine`);
} finally {
  await running.stop();
}
const perRecord = bytesUnder(join(dataDir, 'store')) / total;
console.log(`store on disk       ${perRecord.toFixed(0)} bytes a record, merges unfinished`);
rmSync(dataDir, { recursive: true });
