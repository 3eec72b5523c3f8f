/** Stands in for the collector in tests of `run`: registers, and on the end reads what was told. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { JsonObject, SandboxDescription } from '@vitrine/schema';

export interface Told {
  vantage: string;
  kind: string;
  t: string;
  fields: JsonObject;
  parts: Record<string, string>;
}

export const STAGE_RELAY = fileURLToPath(new URL('./relay.ts', import.meta.url));

export class StageCollector {
  readonly #server: Server;
  api = '';
  description: SandboxDescription | undefined;
  /** Directory of the run's files. */
  dir = '';
  ended: string[] = [];
  told: Told[] = [];
  /** All that the files of the run held when it ended. */
  files = '';
  /** What it says to the end of a session; the last is said again. */
  endAnswers: { status: number; body: JsonObject }[] = [{ status: 202, body: {} }];
  /** Called when a sandbox was registered. */
  onBegin: () => void = () => {};

  private constructor() {
    this.#server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const body = JSON.parse(Buffer.concat(chunks).toString());
      response.setHeader('content-type', 'application/json');
      const end = /^\/v1\/sandboxes\/([^/]+)\/end$/.exec(request.url ?? '')?.[1];
      if (request.headers.authorization !== 'Bearer stage') response.writeHead(401).end('{}');
      else if (end !== undefined) {
        this.ended.push(end);
        this.read();
        this.files = readdirSync(this.dir, { withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map((entry) => readFileSync(join(this.dir, entry.name), 'utf8'))
          .join('\n');
        const { status, body } = this.endAnswers[0]!;
        if (this.endAnswers.length > 1) this.endAnswers.shift();
        response.writeHead(status).end(JSON.stringify(body));
      } else {
        this.description = body.description;
        this.dir = dirname(body.relay.socket);
        response.writeHead(201).end(JSON.stringify({ session: body.session ?? 'made-up' }));
        this.onBegin();
      }
    });
  }

  static async start(): Promise<StageCollector> {
    const collector = new StageCollector();
    const server = collector.#server;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    collector.api = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return collector;
  }

  read(): Told[] {
    const file = join(this.dir, 'events.jsonl');
    const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
    this.told = text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Told);
    return this.told;
  }

  of(kind: string): Told[] {
    return this.told.filter((told) => told.kind === kind);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}
