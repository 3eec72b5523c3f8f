/** The real relay process on a directory of its own, and what a host does with it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { JsonObject } from '@vitrine/schema';
import { MAC_KEY } from './bed.ts';
import { send } from './client.ts';
import type { Reader } from './reader.ts';

export const ENTRY = fileURLToPath(new URL('../bin/relay.mjs', import.meta.url));

export interface Running {
  child: ChildProcess;
  boot: string;
  /** Resolves with the exit code, or the signal that ended it. */
  ended: Promise<number | string>;
}

export function socketsOf(dir: string) {
  return {
    agent: join(dir, 'agent.sock'),
    host: join(dir, 'host.sock'),
    opp: join(dir, 'opp.sock'),
  };
}

export function configOf(dir: string, changes: JsonObject = {}): JsonObject {
  const { agent, host, opp } = socketsOf(dir);
  return {
    session: 's1',
    spool_dir: join(dir, 'spool'),
    opp_socket: opp,
    mac_key: MAC_KEY.toString('hex'),
    intakes: [
      { socket: agent, vantage: 'agent' },
      { socket: host, vantage: 'host' },
    ],
    ...changes,
  };
}

/** Starts a process without waiting for it; it ends with the test at the latest. */
export function launch(t: TestContext, args: string[] = []) {
  const child = spawn(process.execPath, [ENTRY, ...args], { stdio: 'pipe' });
  let said = '';
  child.stderr.on('data', (bytes: Buffer) => {
    said += bytes.toString();
  });
  const ended = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | string);
  t.after(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  child.stdin.on('error', () => {});
  return { child, ended, stderr: () => said };
}

export async function start(t: TestContext, config: JsonObject): Promise<Running> {
  const { child, ended, stderr } = launch(t);
  child.stdin.write(JSON.stringify(config));
  const line = once(child.stdout, 'data').then(([bytes]) => String(bytes));
  const first = await Promise.race([line, ended]);
  if (typeof first !== 'string' || !first.startsWith('{')) throw new Error(`${first} ${stderr()}`);
  const { boot } = JSON.parse(first) as { boot: string };
  return { child, boot, ended };
}

/** Pulls and acknowledges until nothing comes within `waitMs`; survives that the relay is away. */
export async function pullAll(opp: string, reader: Reader, waitMs = 0): Promise<void> {
  for (;;) {
    const body = JSON.stringify({ chain: '*', after: reader.after, wait_ms: waitMs });
    const answer = await send(opp, '/opp/v1/pull', { body });
    if (answer.status !== 200) throw new Error(answer.body.toString());
    const chain = String(answer.headers['opp-chain']);
    if (answer.headers['opp-last-seq'] === undefined) return;
    reader.take(chain, answer.body);
    const ack = { chain, seq: Number(answer.headers['opp-last-seq']) };
    await send(opp, '/opp/v1/ack', { body: JSON.stringify(ack) });
  }
}

export function isGone(path: string): boolean {
  return !existsSync(path);
}
