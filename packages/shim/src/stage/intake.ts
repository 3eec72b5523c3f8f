/** Stands in for a relay's intake in tests: keeps what it takes, and can be told to be away. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { decodeExport, type SandboxEvent, toEvents } from '@vitrine/schema';

export class StageIntake {
  readonly dir = mkdtempSync(join(tmpdir(), 'vitrine-stage-'));
  readonly socket = join(this.dir, 'intake.sock');
  readonly events: SandboxEvent[] = [];
  readonly bodies: Buffer[] = [];
  /** Answered instead of taking anything, while it is set. */
  status: number | undefined;
  /** Answers wait for this long. */
  delayMs = 0;
  #server: Server | undefined;

  async start(): Promise<this> {
    this.#server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      if (this.delayMs > 0) await sleep(this.delayMs);
      if (this.status === undefined) {
        const body = Buffer.concat(chunks);
        this.bodies.push(body);
        this.events.push(...toEvents(decodeExport('logs', 'protobuf', body)));
      }
      response.writeHead(this.status ?? 200).end();
    });
    await new Promise<void>((resolve) => this.#server!.listen(this.socket, resolve));
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
    if (server !== undefined) {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    }
  }

  async end(): Promise<void> {
    await this.stop();
    rmSync(this.dir, { recursive: true, force: true });
  }
}
