/** Stands in for a relay's intake in tests: keeps what it takes, and can be told to be away. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SandboxEvent } from '@vitrine/schema';
import { type Received, type StageOtlp, stageOtlp } from './otlp.ts';

export class StageIntake {
  readonly dir = mkdtempSync(join(tmpdir(), 'vitrine-stage-'));
  readonly socket = join(this.dir, 'intake.sock');
  readonly events: SandboxEvent[] = [];
  readonly bodies: Buffer[] = [];
  /** `authorization` of each request. */
  readonly tokens: (string | undefined)[] = [];
  /** How each request came. */
  readonly wires: string[] = [];
  /** Events of each request. */
  readonly sizes: number[] = [];
  /** Answered instead of taking anything, while it is set. */
  status: number | undefined;
  /** Requests with an event like this one are refused. */
  refuses: (event: SandboxEvent) => boolean = () => false;
  /** Answers wait for this long. */
  delayMs = 0;
  #server: StageOtlp | undefined;

  async start(): Promise<this> {
    this.#server = stageOtlp((received) => this.#take(received));
    await this.#server.listen(this.socket);
    return this;
  }

  of(kind: string): SandboxEvent[] {
    return this.events.filter((event) => event.kind === kind);
  }

  /** Waits until an event is there; throws after some seconds. */
  async until(what: (event: SandboxEvent) => boolean): Promise<SandboxEvent> {
    for (let tries = 0; tries < 500; tries++) {
      const found = this.events.find(what);
      if (found !== undefined) return found;
      await sleep(10);
    }
    throw new Error(`no such event among ${this.events.map(({ kind }) => kind).join(' ')}`);
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    await server?.stop();
  }

  async end(): Promise<void> {
    await this.stop();
    rmSync(this.dir, { recursive: true, force: true });
  }

  async #take({ body, events, token, signal, wire }: Received): Promise<number> {
    if (this.delayMs > 0) await sleep(this.delayMs);
    this.tokens.push(token);
    this.wires.push(`${signal} over ${wire}`);
    if (this.status !== undefined) return this.status;
    const taken = events();
    if (taken.some(this.refuses)) return 400;
    this.bodies.push(body);
    this.sizes.push(taken.length);
    this.events.push(...taken);
    return 200;
  }
}
