/**
 * Stands between the dashboard and the collector's API, as somebody who holds that wire would:
 * passes everything on as it is, until a test tells it to lie, to be slow, to fail or to hang up.
 */
import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Answer {
  status: number;
  body: Buffer;
}

/** Called for each whole answer; what it returns is sent in its place. */
export type Alter = (path: string, answer: Answer) => Answer | undefined;

export class ApiProxy {
  /** `undefined`: answers are passed on as they come. */
  alter: Alter | undefined;
  /** Waits before it asks the collector. */
  slowMs = 0;
  /** Hangs up at once on whoever comes. */
  isAway = false;
  readonly #server: Server;
  readonly #api: string;
  /** Answers that have not ended. */
  readonly #open = new Set<ServerResponse>();

  private constructor(api: string) {
    this.#api = api;
    this.#server = createServer((request, response) => {
      void this.#take(request, response).catch(() => response.destroy());
    });
  }

  static async start(api: string): Promise<ApiProxy> {
    const proxy = new ApiProxy(api);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Back to passing on. */
  restore(): void {
    this.alter = undefined;
    this.slowMs = 0;
    this.isAway = false;
  }

  /** Cuts every answer that is under way. */
  cut(): void {
    for (const response of this.#open) response.destroy();
  }

  async close(): Promise<void> {
    this.cut();
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.isAway) {
      response.destroy();
      return;
    }
    this.#open.add(response);
    response.on('close', () => this.#open.delete(response));
    if (this.slowMs > 0) await sleep(this.slowMs);
    const answer = await this.#ask(request, response);
    const type = answer.headers['content-type'] ?? '';
    const { alter } = this;
    if (alter === undefined || type.startsWith('text/event-stream')) {
      response.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(response);
      return;
    }
    const chunks: Buffer[] = [];
    for await (const chunk of answer) chunks.push(chunk as Buffer);
    const whole = { status: answer.statusCode!, body: Buffer.concat(chunks) };
    const { status, body } = alter(request.url!, whole) ?? whole;
    const headers = { ...answer.headers };
    delete headers['transfer-encoding'];
    response.writeHead(status, { ...headers, 'content-length': body.length }).end(body);
  }

  #ask(request: IncomingMessage, response: ServerResponse): Promise<IncomingMessage> {
    const url = new URL(request.url!, this.#api);
    // So that answers come as they are, not packed.
    const headers = { ...request.headers, host: url.host, 'accept-encoding': 'identity' };
    return new Promise((resolve, reject) => {
      const asked = httpRequest(url, { method: request.method, headers }, resolve);
      asked.on('error', reject);
      response.on('close', () => asked.destroy());
      request.pipe(asked);
    });
  }
}

/** Changes one JSON answer whose path matches. */
export function alterJson(path: RegExp, change: (value: never) => unknown): Alter {
  return (asked, { status, body }) => {
    if (!path.test(asked) || status !== 200) return undefined;
    const changed = change(JSON.parse(body.toString()) as never);
    return { status, body: Buffer.from(JSON.stringify(changed)) };
  };
}
