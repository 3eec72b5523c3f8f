/**
 * A destination for webhooks with bad days: what it answers is drawn from what receivers do, and
 * what it took and what it refused stands in its ledger.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Entry {
  id: string;
  subject: string;
  index: number;
  body: string;
  /** Of the answer; 0 where there was none. `taken`: kept, whatever the sender hears. */
  status: number;
  taken: boolean;
  atMs: number;
}

export type Mood = (id: string) => Treatment;

/** `reset-kept`: taken, and the answer is lost. `slow`: answered well after two seconds. */
export type Treatment = number | 'reset' | 'reset-kept' | 'slow';

const SLOW_MS = 2_000;

export class Destination {
  readonly ledger: Entry[] = [];
  mood: Mood = () => 200;
  #server: Server | undefined;
  #port = 0;

  get url(): string {
    return `http://127.0.0.1:${this.#port}/alerts`;
  }

  /** Ids that it has, each once, in the order in which it first had them. */
  get had(): Entry[] {
    const seen = new Set<string>();
    return this.ledger.filter(({ id, taken }) => taken && !seen.has(id) && seen.add(id));
  }

  async open(): Promise<this> {
    const server = createServer((request, response) => void this.#take(request, response));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.#port, '127.0.0.1', resolve);
    });
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
    return this;
  }

  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    server?.closeAllConnections();
    await new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve()));
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      return;
    }
    const body = Buffer.concat(chunks).toString('utf8');
    const { data } = JSON.parse(body) as { data: { id: string; subject: string; index: number } };
    const { id, subject, index } = data;
    const treatment = this.mood(id);
    const status = typeof treatment === 'number' ? treatment : treatment === 'slow' ? 200 : 0;
    const taken = treatment === 'reset-kept' || (status >= 200 && status < 300);
    this.ledger.push({ id, subject, index, body, status, taken, atMs: performance.now() });
    if (status === 0) return void request.socket.destroy();
    const wait = treatment === 'slow' ? SLOW_MS : 0;
    setTimeout(() => response.writeHead(status, { 'retry-after': '1' }).end(), wait);
  }
}
