/**
 * What a hook of Claude Code adds to a tool call: as a command (`vitrine hook`) and over HTTP, in
 * turn with a program that does nothing, against a real relay, and against receivers that are away,
 * refuse, or hang. `npm run bench -- hook [RUNS]`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { printFigure, printMachine, sizeAsked } from './measure/bench.ts';

const RUNS_DEFAULT = 40;
const HOOK_SCRIPT = fileURLToPath(
  new URL('../../packages/shim/src/hook/hook.mjs', import.meta.url),
);
const RELAY = fileURLToPath(new URL('../../apps/relay/bin/relay.mjs', import.meta.url));
const HOOK_PATH = '/v1/hooks/claude-code';
/** As in `HOOK_MS_MAX`. */
const GIVE_UP_MS = 250;
const P95_MS_MAX = 80;
const P95 = 0.95;

const hook = JSON.stringify({
  session_id: 's1',
  hook_event_name: 'PreToolUse',
  tool_name: 'Bash',
  tool_use_id: 'toolu_1',
  tool_input: { command: 'npm test', description: 'Run the tests' },
});

const runs = sizeAsked(RUNS_DEFAULT);
const dir = mkdtempSync(join(tmpdir(), 'vitrine-bench-hook-'));
try {
  printMachine();
  await measureRelay();
  await measureTrouble();
} finally {
  rmSync(dir, { recursive: true });
}

async function measureRelay(): Promise<void> {
  const relay = await startRelay();
  const agent = new Agent({ keepAlive: true });
  const times: Record<string, number[]> = { nothing: [], command: [], http: [] };
  try {
    await overHttp(relay.url, agent);
    for (let i = 0; i < runs; i++) {
      times.nothing!.push(await command(['true']));
      times.command!.push(await command([process.execPath, HOOK_SCRIPT], relay.url));
      times.http!.push(await overHttp(relay.url, agent));
    }
  } finally {
    agent.destroy();
    await relay.stop();
  }
  for (const [name, found] of Object.entries(times)) {
    printFigure(name, found, 'ms');
    const bound = { is: 'at most', value: P95_MS_MAX } as const;
    printFigure('  p95', [at(found, P95)], 'ms', name === 'nothing' ? undefined : bound);
  }
}

/** One hook, by the command, where nobody takes it. */
async function measureTrouble(): Promise<void> {
  const refusing = createServer((asked, answer) => {
    asked.resume();
    answer.writeHead(503).end();
  });
  const hanging = createServer(() => {});
  const urls = { away: 'http://127.0.0.1:1', refuses: await listen(refusing), hangs: '' };
  urls.hangs = await listen(hanging);
  for (const [name, url] of Object.entries(urls)) {
    const found: number[] = [];
    for (let i = 0; i < runs / 4; i++) {
      found.push(await command([process.execPath, HOOK_SCRIPT], url));
    }
    const bound = { is: 'at most', value: GIVE_UP_MS } as const;
    printFigure(`command, receiver ${name}`, found, 'ms', bound);
  }
  for (const server of [refusing, hanging]) {
    server.closeAllConnections();
    server.close();
  }
}

/** Through a shell, as Claude Code runs it. */
async function command(words: string[], url?: string): Promise<number> {
  const line = words.map((word) => `'${word}'`).join(' ');
  const began = performance.now();
  const child = spawn('/bin/sh', ['-c', line], {
    env: url === undefined ? {} : { VITRINE_OTLP: url },
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.stdin.on('error', () => {});
  child.stdin.end(hook);
  await once(child, 'exit');
  return performance.now() - began;
}

/** As Claude Code's own HTTP hooks: a connection that is kept. */
function overHttp(url: string, agent: Agent): Promise<number> {
  const began = performance.now();
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(hook) };
  return new Promise((resolve, reject) => {
    const sent = request(`${url}${HOOK_PATH}`, { method: 'POST', headers, agent }, (answer) => {
      answer.resume();
      answer.on('end', () => resolve(performance.now() - began));
    });
    sent.on('error', reject);
    sent.end(hook);
  });
}

async function startRelay(): Promise<{ url: string; stop: () => Promise<void> }> {
  const child = spawn(process.execPath, [RELAY, '--config', '-'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const port = await freePort();
  const config = {
    session: 's1',
    spool_dir: join(dir, 'spool'),
    opp_socket: join(dir, 'opp.sock'),
    mac_key: '07'.repeat(32),
    intakes: [{ listen: `127.0.0.1:${port}`, vantage: 'agent' }],
  };
  child.stdin.write(`${JSON.stringify(config)}\n`);
  await once(createInterface({ input: child.stdout }), 'line');
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await once(child, 'exit');
  };
  return { url: `http://127.0.0.1:${port}`, stop };
}

async function freePort(): Promise<number> {
  const server = createServer();
  const url = await listen(server);
  server.close();
  await once(server, 'close');
  return Number(new URL(url).port);
}

async function listen(server: ReturnType<typeof createServer>): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function at(times: number[], share: number): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length * share)]!;
}
