/** Many real relays that one collector pulls: a few processes serve them, one stands apart. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { batch, get, type Running } from '../measure/collector.ts';
import type { ManyOrder } from './many-relays.ts';
import { MAC_KEY, postTo } from './relay-process.ts';
import { registerSandbox, Seen } from './seen.ts';

const MANY = fileURLToPath(new URL('many-relays.ts', import.meta.url));
const PROCESSES = 4;
const REGISTERED_AT_ONCE = 8;
const POLL_MS = 100;
/** Relays that are looked at; the others are only there. */
const PROBED = 5;

export interface Fleet {
  processes: ChildProcess[];
  intake(i: number): string;
  stop(): Promise<void>;
}

/** Resolves when all listen, under the sessions `r0` to `r<count − 1>`. */
export async function startFleet(dir: string, count: number, heartbeatMs: number): Promise<Fleet> {
  const share = Math.ceil(count / PROCESSES);
  const starting = Array.from({ length: PROCESSES }, async (_, i) => {
    const first = i * share;
    const order: ManyOrder = { dir, first, count: Math.min(share, count - first), heartbeatMs };
    const stdio = ['ignore', 'pipe', 'inherit'] as const;
    const child = spawn(process.execPath, [MANY, JSON.stringify(order)], { stdio: [...stdio] });
    await once(createInterface({ input: child.stdout! }), 'line');
    return child;
  });
  const processes = await Promise.all(starting);
  const stop = async (): Promise<void> => {
    for (const child of processes) child.kill('SIGKILL');
    await Promise.all(processes.map((child) => child.exitCode ?? once(child, 'exit')));
  };
  return { processes, intake: (i) => join(dir, `r${i}`, 'intake.sock'), stop };
}

/** Registers them all; resolves when something of each was pulled. */
export async function registerFleet(running: Running, dir: string, count: number): Promise<void> {
  let next = 0;
  const register = async (): Promise<void> => {
    for (let i = next++; i < count; i = next++) {
      const relay = { socket: join(dir, `r${i}`, 'opp.sock'), mac_key: MAC_KEY };
      await registerSandbox(running, `r${i}`, relay);
    }
  };
  await Promise.all(Array.from({ length: REGISTERED_AT_ONCE }, register));
  while ((await pulledOf(running)).filter((pulled) => pulled > 0).length < count) {
    await sleep(POLL_MS);
  }
}

/** Records that were pulled of each sandbox. */
async function pulledOf(running: Running): Promise<number[]> {
  const { items } = JSON.parse(String(await get(running, '/v1/sandboxes'))) as {
    items: { pulled: number }[];
  };
  return items.map(({ pulled }) => pulled);
}

/** Milliseconds from a request to a quiet relay until the API shows its one event. */
export class Probe {
  readonly #fleet: Fleet;
  readonly #sessions: number[];
  readonly #seen: Seen[] = [];
  readonly #agent = new Agent({ keepAlive: true });
  #next = 0;

  constructor(fleet: Fleet, count: number) {
    this.#fleet = fleet;
    this.#sessions = Array.from({ length: PROBED }, (_, i) => Math.floor((i * count) / PROBED));
  }

  async start(running: Running): Promise<void> {
    for (const session of this.#sessions) {
      const seen = new Seen();
      await seen.follow(running, `r${session}`);
      this.#seen.push(seen);
    }
  }

  async once(): Promise<number> {
    const id = this.#next++;
    const at = id % this.#sessions.length;
    const session = this.#sessions[at]!;
    const started = performance.now();
    await postTo(this.#fleet.intake(session), batch(`r${session}`, id, 1), this.#agent);
    return (await this.#seen[at]!.until(`use-${id}`)).at - started;
  }

  stop(): void {
    for (const seen of this.#seen) seen.stop();
    this.#agent.destroy();
  }
}

/** Sends large requests to one relay until it is stopped, as fast as that takes them. */
export class Flood {
  readonly #agent = new Agent({ keepAlive: true });
  readonly #running: Promise<void>[];
  #stopped = false;
  sent = 0;
  refused = 0;

  constructor(intake: string, senders: number, recordsPerRequest: number) {
    const body = batch('flood', 0, recordsPerRequest);
    this.#running = Array.from({ length: senders }, async () => {
      while (!this.#stopped) {
        try {
          await postTo(intake, body, this.#agent);
          this.sent += recordsPerRequest;
        } catch {
          // Refused at the bound of its spool: what a flood is to hear.
          this.refused += recordsPerRequest;
          await sleep(POLL_MS);
        }
      }
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#running);
    this.#agent.destroy();
  }
}
