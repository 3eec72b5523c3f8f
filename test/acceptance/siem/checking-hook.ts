/**
 * A receiver that takes only what is signed with its secret, counts who connects, and answers what
 * is rightly signed as a test tells it.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';

export interface Hooked {
  id: string;
  subject: string;
  isTest: boolean;
  status: number;
}

export class CheckingHook {
  readonly arrived: Hooked[] = [];
  connections = 0;
  /** Of what is rightly signed. */
  status = 200;
  readonly #webhook: Webhook;
  #server: Server | undefined;
  #port = 0;

  constructor(secret: string) {
    this.#webhook = new Webhook(secret);
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/hook`;
  }

  /** What it took about a session, in order. */
  taken(subject: string): Hooked[] {
    return this.arrived.filter((one) => one.subject === subject && one.status === 200);
  }

  /** At the same port as before. */
  async open(): Promise<this> {
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const body = Buffer.concat(chunks).toString('utf8');
        const status = this.#isSigned(body, request.headers) ? this.status : 401;
        const { data } = JSON.parse(body) as { data: Record<string, unknown> };
        const { id, subject } = data;
        const isTest = data.test === true;
        this.arrived.push({ id: String(id), subject: String(subject), isTest, status });
        response.writeHead(status).end(status === 200 ? '' : 'the hook will not have it');
      });
    });
    server.on('connection', () => this.connections++);
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

  #isSigned(body: string, headers: NodeJS.Dict<string | string[]>): boolean {
    try {
      return Boolean(this.#webhook.verify(body, headers as Record<string, string>));
    } catch {
      return false;
    }
  }
}
