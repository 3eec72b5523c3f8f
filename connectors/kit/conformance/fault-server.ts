/** A destination that misbehaves on demand: a real HTTP server on a loopback port. */
import {
  createServer,
  type IncomingHttpHeaders,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  headers: IncomingHttpHeaders;
  url: string;
  body: string;
  /** Milliseconds since the start of the process. */
  at: number;
}

/** How one request is treated. */
export type Treatment = (response: ServerResponse, request: Received) => void;

export const accept: Treatment = (response) => response.writeHead(202).end('{}');

/** Answers with everything it got, as careless servers do. */
export function answer(status: number, headers: Record<string, string> = {}): Treatment {
  return (response, { headers: got, url, body }) => {
    response.writeHead(status, headers).end(JSON.stringify({ url, got, body }));
  };
}

/** Ends the connection in the middle of an answer. */
export const reset: Treatment = (response) => {
  response.writeHead(200, { 'content-length': '100' });
  response.write('{', () => response.socket?.resetAndDestroy());
};

/** Never answers. */
export const hang: Treatment = () => {};

/** Answers piece by piece. */
export const slow: Treatment = (response) => {
  response.writeHead(200);
  const pieces = ['{', '}'];
  const timer = setInterval(() => {
    const piece = pieces.shift();
    if (piece !== undefined) return void response.write(piece);
    clearInterval(timer);
    response.end();
  }, 20);
};

export class FaultServer {
  readonly #server: Server;
  #port = 0;
  readonly received: Received[] = [];
  /** Called for each request; `accept` unless a case says otherwise. */
  treat: (request: Received) => Treatment = () => accept;

  private constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { headers, url = '' } = request;
        const body = Buffer.concat(chunks).toString('utf8');
        const received = { headers, url, body, at: performance.now() };
        this.received.push(received);
        this.treat(received)(response, received);
      });
    });
  }

  static async start(): Promise<FaultServer> {
    const server = new FaultServer();
    await server.listen();
    return server;
  }

  /** Again on the same port after a stop. */
  async listen(): Promise<void> {
    await new Promise<void>((done) => this.#server.listen(this.#port, '127.0.0.1', done));
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }
}
