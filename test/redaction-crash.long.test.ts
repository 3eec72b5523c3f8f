/**
 * A collector that is killed between the seal of a redaction and its deletion: the next start
 * finishes what the log has announced, and brings nothing back that was deleted.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { encodeLogsRequest } from '@vitrine/schema';
import { main } from '../apps/cli/src/main.ts';
import { memoryIo } from '../apps/cli/src/print/memory-io.ts';
import { filesWith } from '../packages/store/src/fixture/files.ts';

const PROGRAM = fileURLToPath(new URL('../apps/collector/bin/collector.mjs', import.meta.url));
const WAIT_MS_MAX = 30_000;
/** The kill must hit a span of some 50 ms; most do. */
const KILLS_MAX = 12;
const dataDir = mkdtempSync(join(tmpdir(), 'vitrine-crash-'));
let child: ChildProcess;
let api = '';
let otlp = '';
let headers: Record<string, string> = {};

async function start(): Promise<void> {
  child = spawn(process.execPath, [PROGRAM, '--data', dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: child.stdout! })) {
    if (!line.startsWith('ready ')) continue;
    const ready = JSON.parse(line.slice('ready '.length));
    api = ready.api;
    otlp = ready.otlp;
    const token = readFileSync(ready.admin_token_file, 'utf8').trim();
    headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    return;
  }
  assert.fail('the collector did not start');
}

async function stop(signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
}

after(async () => {
  await stop('SIGKILL');
  rmSync(dataDir, { recursive: true, force: true });
});

/** The index of the one record of a session whose part holds `data`. */
async function push(session: string, data: Buffer): Promise<number> {
  const attributes = { 'session.id': session, 'vitrine.part.prompt': new Uint8Array(data) };
  const record = { eventName: 'tool.call', timeUnixNano: '1', attributes };
  const type = { ...headers, 'content-type': 'application/x-protobuf' };
  const body = encodeLogsRequest([record]);
  await fetch(`${otlp}/v1/logs`, { method: 'POST', headers: type, body });
  const until = performance.now() + WAIT_MS_MAX;
  for (;;) {
    const answer = await fetch(`${api}/v1/sessions/${session}/events?kind=tool.call`, { headers });
    const { items = [] } = (await answer.json()) as { items?: { index: number }[] };
    if (items[0] !== undefined) return items[0].index;
    assert.ok(performance.now() < until, 'nothing was published');
    await sleep(20);
  }
}

/** Resolves when the tail shows the redact record: it is sealed and published. */
async function published(): Promise<void> {
  const answer = await fetch(`${api}/v1/tail`, { headers });
  let text = '';
  for await (const chunk of answer.body!) {
    text += Buffer.from(chunk).toString();
    if (text.includes('"kind":"redact"')) return;
  }
}

async function vitrine(...args: string[]): Promise<string> {
  const io = memoryIo();
  assert.equal(await main([...args, '--data', dataDir], io), 0, [...io.lines, ...io.errors].join());
  return io.lines.join('\n');
}

/** Ends the engine under the collector, as a crash of it would. */
async function killEngine(): Promise<void> {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'pid=', '--ppid', `${child.pid}`]);
  for (const pid of stdout.trim().split(/\s+/)) process.kill(Number(pid), 'SIGKILL');
}

describe('a redaction that a crash cuts off', () => {
  it('is finished by the next start, and the proofs hold', async () => {
    writeFileSync(join(dataDir, 'vitrine.yaml'), 'listen: {api: 0, otlp_http: 0, otlp_grpc: 0}\n');
    let between = 0;
    for (let i = 0; i < KILLS_MAX && between < 2; i++) {
      await start();
      const session = `s${i}`;
      const data = randomBytes(2_000);
      const pieces = [100, 900, 1_700].map((at) => data.subarray(at, at + 32));
      const index = await push(session, data);
      const seen = published();
      await sleep(100);
      const body = JSON.stringify({ log: 'default.0.1', index, part: 'prompt', reason: 'r' });
      fetch(`${api}/v1/redactions`, { method: 'POST', headers, body }).catch(() => {});
      await seen;
      await stop('SIGKILL');
      const left = filesWith(join(dataDir, 'store'), pieces).length;
      if (left > 0) between++;
      await start();
      assert.deepEqual(filesWith(join(dataDir, 'store'), pieces), []);
      assert.deepEqual(filesWith(join(dataDir, 'log'), pieces), []);
      assert.match(await vitrine('fsck'), /^ok: /m);
      const bundle = join(dataDir, `${session}.json`);
      await vitrine('export', '--session', session, '-o', bundle);
      const verdict = JSON.parse(await vitrine('verify', bundle, '--require-parts', '--json'));
      assert.partialDeepStrictEqual(verdict.redacted, [{ seq: 0, part: 'prompt', by: 'redact' }]);
      await stop('SIGTERM');
    }
    assert.ok(between > 0, 'no kill came between the seal and the deletion');
  });
});

describe('a redaction whose engine dies', () => {
  it('is finished by the collector that goes on', async () => {
    await start();
    const data = randomBytes(2_000);
    const pieces = [100, 900, 1_700].map((at) => data.subarray(at, at + 32));
    const index = await push('engine', data);
    const seen = published();
    await sleep(100);
    const body = JSON.stringify({ log: 'default.0.1', index, part: 'prompt', reason: 'r' });
    const answering = fetch(`${api}/v1/redactions`, { method: 'POST', headers, body });
    await seen;
    await killEngine();
    const answer = await answering;
    assert.equal(answer.status, 201, await answer.text());
    assert.deepEqual(filesWith(join(dataDir, 'store'), pieces), []);
    assert.match(await vitrine('fsck'), /^ok: /m);
    await stop('SIGTERM');
  });
});
