/** A collector as its users run it: a process of its own over a data directory. */
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { encodeLogsRequest } from '@vitrine/schema';

const COLLECTOR = fileURLToPath(
  new URL('../../../apps/collector/bin/collector.mjs', import.meta.url),
);
const KIB_PER_MIB = 1_024;

export interface Running {
  api: string;
  otlp: string;
  otlpGrpc: string;
  token: string;
  pid: number;
  stop(): Promise<void>;
}

/** Resolves when it is ready. `nodeArgs` stand before its name; `more` is YAML. */
export async function startCollector(
  dataDir: string,
  nodeArgs: string[] = [],
  more = '',
): Promise<Running> {
  const listen = 'listen: {api: 0, otlp_http: 0, otlp_grpc: 0}\n';
  writeFileSync(join(dataDir, 'vitrine.yaml'), listen + more);
  const child = spawn(process.execPath, [...nodeArgs, COLLECTOR, '--data', dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.startsWith('ready ')) continue;
    const ready = JSON.parse(line.slice('ready '.length)) as Record<
      'api' | 'otlp' | 'otlp_grpc' | 'admin_token_file',
      string
    >;
    const { api, otlp, otlp_grpc: otlpGrpc, admin_token_file } = ready;
    const token = readFileSync(admin_token_file, 'utf8').trim();
    const stop = async (): Promise<void> => {
      child.kill('SIGTERM');
      await ended;
    };
    return { api, otlp, otlpGrpc, token, pid: child.pid!, stop };
  }
  throw new Error('the collector did not start');
}

/** A batch like an agent's: tool calls with some attributes and an input of 200 bytes. */
export function batch(session: string, first: number, count: number): Buffer {
  const records = Array.from({ length: count }, (_, i) => ({
    eventName: 'tool.call',
    timeUnixNano: String(BigInt(Date.now()) * 1_000_000n),
    attributes: {
      'session.id': session,
      'tool.name': 'Bash',
      'tool.use_id': `use-${first + i}`,
      'agent.id': 'main',
      'vitrine.part.input': `{"command":"${'x'.repeat(180)}"}`,
    },
  }));
  return encodeLogsRequest(records, { 'vitrine.shim.name': 'bench' });
}

/** Sends until it is taken; gives the milliseconds of each try. */
export async function post({ otlp, token }: Running, body: Buffer): Promise<number[]> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/x-protobuf' };
  const waits: number[] = [];
  for (;;) {
    const started = performance.now();
    const answer = await fetch(`${otlp}/v1/logs`, { method: 'POST', headers, body });
    await answer.arrayBuffer();
    waits.push(performance.now() - started);
    if (answer.status === 200) return waits;
    await sleep(Number(answer.headers.get('retry-after') ?? 1) * 1_000);
  }
}

/** The bytes of an answer. */
export async function get({ api, token }: Running, path: string): Promise<Buffer> {
  const answer = await fetch(`${api}${path}`, { headers: { authorization: `Bearer ${token}` } });
  const body = Buffer.from(await answer.arrayBuffer());
  if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${body}`);
  return body;
}

/** Resolves when the published log has as many leaves. */
export async function untilStored(running: Running, total: number): Promise<void> {
  for (;;) {
    const { size } = JSON.parse(String(await get(running, '/v1/events?limit=1'))) as {
      size: number;
    };
    if (size >= total) return;
    await sleep(20);
  }
}

/** What the process holds in memory now, and the most it ever held, without the engine; in MiB. */
export function resident(pid: number): { now: number; most: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const figure = (name: string): number => {
    return Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1]) / KIB_PER_MIB;
  };
  return { now: figure('VmRSS'), most: figure('VmHWM') };
}
