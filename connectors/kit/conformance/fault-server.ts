/** A destination that misbehaves on demand: a real HTTP server on a loopback port. */
import {
  createServer,
  type IncomingHttpHeaders,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

export interface Received {
  method: string;
  headers: IncomingHttpHeaders;
  url: string;
  /** Unpacked; `latin1` keeps the bytes of what is no text. */
  body: string;
  /** Milliseconds since the start of the process. */
  at: number;
}

export interface Reply {
  status: number;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
}

/** How a destination answers where it is not like any HTTP receiver: `<connector>/sample.ts`. */
export interface SampleDestination {
  /** To a delivery that is in order; 202 when left out. */
  accept?(request: Received): Reply;
  /** To what is no delivery (tokens, confirmations, health); `undefined` for deliveries. */
  side?(request: Received): Reply | undefined;
  /** A success that hides the refusal, for good, of the alerts with these ids. */
  hide?(request: Received, ids: string[]): Reply;
  /** What `side` gives out and nobody may see again. */
  tokens?: string[];
}

/** How one request is treated. */
export type Treatment = (
  response: ServerResponse,
  request: Received,
  destination: SampleDestination,
) => void;

export const accept: Treatment = (response, request, { accept: how }) => {
  reply(response, how?.(request) ?? { status: 202, body: '{}' });
};

/** Answers with everything it got, as careless servers do. */
export function answer(status: number, headers: Record<string, string> = {}): Treatment {
  return (response, { headers: got, url, body }) => {
    response.writeHead(status, headers).end(JSON.stringify({ url, got, body }));
  };
}

/** Takes the request but for these alerts, and answers as if it had taken them all. */
export function hide(ids: string[]): Treatment {
  return (response, request, destination) => reply(response, destination.hide!(request, ids));
}

function reply(response: ServerResponse, { status, headers = {}, body }: Reply): void {
  response.writeHead(status, headers).end(body);
}

/** Ends the connection in the middle of an answer. */
export const reset: Treatment = (response) => {
  response.writeHead(200, { 'content-length': '100' });
  response.write('{', () => response.socket?.resetAndDestroy());
};

/** Never answers. */
export const hang: Treatment = () => {};

/** Answers as it should, after a while and piece by piece. */
export const slow: Treatment = (response, request, { accept: how }) => {
  const { status, headers = {}, body = '' } = how?.(request) ?? { status: 202, body: '{}' };
  const bytes = Buffer.from(body);
  const half = Math.ceil(bytes.length / 2);
  const steps = [
    () => response.writeHead(status, headers).flushHeaders(),
    () => response.write(bytes.subarray(0, half)),
    () => response.end(bytes.subarray(half)),
  ];
  const timer = setInterval(() => {
    steps.shift()?.();
    if (steps.length === 0) clearInterval(timer);
  }, 20);
};

export class FaultServer {
  readonly #server: Server;
  readonly destination: SampleDestination;
  #port = 0;
  /** Deliveries. */
  readonly received: Received[] = [];
  /** Tokens, confirmations, health. */
  readonly asked: Received[] = [];
  /** Called for each request; `accept` unless a case says otherwise. */
  treat: (request: Received) => Treatment = () => accept;
  /** The same for what is no delivery. */
  treatSide: (request: Received) => Treatment = () => accept;

  private constructor(destination: SampleDestination) {
    this.destination = destination;
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { method = '', headers, url = '' } = request;
        const body = textOf(Buffer.concat(chunks), headers);
        this.#take({ method, headers, url, body, at: performance.now() }, response);
      });
    });
  }

  static async start(destination: SampleDestination = {}): Promise<FaultServer> {
    const server = new FaultServer(destination);
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

  #take(request: Received, response: ServerResponse): void {
    const side = this.destination.side?.(request);
    if (side === undefined) {
      this.received.push(request);
      this.treat(request)(response, request, this.destination);
    } else {
      this.asked.push(request);
      this.treatSide(request)(response, request, { accept: () => side });
    }
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }
}

/** A body that is no text (protobuf) keeps its bytes, so that ids can be looked for in it. */
function textOf(bytes: Buffer, headers: IncomingHttpHeaders): string {
  const plain = headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes;
  const utf8 = plain.toString('utf8');
  return utf8.includes('\ufffd') ? plain.toString('latin1') : utf8;
}
