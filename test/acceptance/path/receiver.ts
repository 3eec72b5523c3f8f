/**
 * HTTP servers that take what is posted to them and answer as they are told. One that was closed
 * opens again at its old port.
 */
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Posted {
  headers: IncomingHttpHeaders;
  body: Buffer;
}

export interface Answer {
  status: number;
  headers?: Record<string, string>;
  body?: string;
  /** How long it is held back. */
  afterMs?: number;
}

export abstract class PostServer {
  /** TCP connections that were made to it. */
  connections = 0;
  #server: Server | undefined;
  #port = 0;

  get url(): string {
    return `http://127.0.0.1:${this.#port}/hook`;
  }

  async open(): Promise<this> {
    const server = createServer((request, response) => void this.#take(request, response));
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
    if (server === undefined) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  }

  /** `reset`: the connection ends without an answer. */
  protected abstract answerTo(posted: Posted): Answer | 'reset';

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request).catch(() => undefined);
    if (body === undefined) return;
    const answer = this.answerTo({ headers: request.headers, body });
    if (answer === 'reset') return void request.socket.destroy();
    const { status, headers, body: said, afterMs } = answer;
    // At once where nothing holds it back: whoever has seen what came may close this next.
    if (afterMs !== undefined) await sleep(afterMs);
    response.writeHead(status, headers).end(said);
  }
}

export interface Arrived extends Posted {
  status: number;
}

/** Keeps everything. */
export class Receiver extends PostServer {
  readonly arrived: Arrived[] = [];
  /** Statuses for the next requests; 200 when there is none left. */
  readonly answers: number[] = [];

  protected answerTo(posted: Posted): Answer {
    const status = this.answers.shift() ?? 200;
    this.arrived.push({ ...posted, status });
    return { status };
  }
}
