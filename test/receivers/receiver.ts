/**
 * What every contract server of a paid vendor stands on: an HTTP server on a loopback port that
 * reads each request whole, keeps it, and plays the faults it was told to before it plays fair.
 */
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

export interface Call {
  method: string;
  /** Without the query. */
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  /** The body as it was on the wire, compressed or not. */
  sent: Buffer;
}

export interface Reply {
  status: number;
  headers?: Record<string, string>;
  body?: string;
}

/**
 * `kept` is the case no sender can tell apart from a loss: the destination has the data, and the
 * answer never arrives.
 */
export type Fault =
  /** Refuses with the vendor's own words. `code` is the vendor's where it numbers its refusals. */
  | { kind: 'refuse'; status: number; code?: number; retryAfter?: string }
  /** Never answers. */
  | { kind: 'hang'; kept?: boolean }
  /** Ends the connection: in the middle of the request, or (`kept`) of the answer. */
  | { kind: 'reset'; kept?: boolean }
  /** Answers as it should, piece by piece. */
  | { kind: 'slow'; stepMs: number }
  /** Takes a part and hides it in a 200, as far as the vendor documents such a thing. */
  | { kind: 'partial' };

interface Planned {
  fault: Fault;
  path: string;
  left: number;
}

export abstract class Receiver {
  readonly #server: Server;
  readonly #planned: Planned[] = [];
  #url = '';
  /** Every request that arrived whole, refused ones as well. */
  readonly calls: Call[] = [];

  protected constructor() {
    this.#server = createServer((request, response) => this.#receive(request, response));
  }

  /** Bytes of a body on the wire above which the vendor reads no further. */
  protected abstract readonly bodyBytesMax: number;
  /** Whether the vendor documents that a success may hide a failure. */
  protected abstract readonly hidesFailures: boolean;
  /** Judges a whole request. `half` asks for the documented partial success. */
  protected abstract answer(call: Call, half: boolean): Reply;
  /** The vendor's answer of this status, at this path, to a request that is in order. */
  protected abstract refusal(status: number, path: string, code?: number): Reply;

  /** `http://127.0.0.1:port`. */
  get url(): string {
    return this.#url;
  }

  /** Treats the next `times` requests whose path contains `path` with this fault. */
  play(fault: Fault, { times = 1, path = '' }: { times?: number; path?: string } = {}): void {
    if (fault.kind === 'partial' && !this.hidesFailures) {
      throw new Error('this vendor documents no partial success');
    }
    this.#planned.push({ fault, path, left: times });
  }

  protected async listen(): Promise<this> {
    await new Promise<void>((done) => this.#server.listen(0, '127.0.0.1', done));
    this.#url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    return this;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }

  #receive(request: IncomingMessage, response: ServerResponse): void {
    const { pathname, searchParams } = new URL(request.url ?? '/', this.#url);
    const fault = this.#faultFor(pathname);
    if (fault?.kind === 'reset' && fault.kept !== true) {
      const reset = () => request.socket.resetAndDestroy();
      request.once('data', reset).once('end', reset);
      return;
    }
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= this.bodyBytesMax) chunks.push(chunk);
    });
    request.on('end', () => {
      const { method = '', headers } = request;
      const sent = Buffer.concat(chunks);
      const call = { method, path: pathname, query: searchParams, headers, sent };
      this.calls.push(call);
      if (bytes > this.bodyBytesMax) finish(response, this.refusal(413, pathname));
      else this.#treat(call, response, fault);
    });
  }

  #faultFor(path: string): Fault | undefined {
    const planned = this.#planned.find((entry) => entry.left > 0 && path.includes(entry.path));
    if (planned === undefined) return undefined;
    planned.left -= 1;
    return planned.fault;
  }

  #treat(call: Call, response: ServerResponse, fault: Fault | undefined): void {
    if (fault?.kind === 'refuse') {
      const { headers, ...reply } = this.refusal(fault.status, call.path, fault.code);
      const { retryAfter } = fault;
      const waiting = retryAfter === undefined ? {} : { 'retry-after': retryAfter };
      finish(response, { ...reply, headers: { ...headers, ...waiting } });
      return;
    }
    if (fault?.kind === 'hang' && fault.kept !== true) return;
    const reply = this.answer(call, fault?.kind === 'partial');
    if (fault?.kind === 'hang') return;
    if (fault?.kind === 'reset') cut(response, reply);
    else if (fault?.kind === 'slow') trickle(response, reply, fault.stepMs);
    else finish(response, reply);
  }
}

export function json(status: number, body: unknown, headers: Record<string, string> = {}): Reply {
  const all = { 'content-type': 'application/json', ...headers };
  return { status, headers: all, body: JSON.stringify(body) };
}

/**
 * The body without its `Content-Encoding`: the bytes, or why there are none. `bytesMax` bounds what
 * comes out, so a small body cannot blow up.
 */
export function unpacked(call: Call, bytesMax: number): Buffer | 'encoding' | 'garbled' | 'large' {
  const encoding = call.headers['content-encoding'] ?? 'identity';
  if (encoding === 'identity') return call.sent;
  if (encoding !== 'gzip') return 'encoding';
  try {
    return gunzipSync(call.sent, { maxOutputLength: bytesMax });
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? 'large' : 'garbled';
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The media type without its parameters, in lower case; '' when there is none. */
export function mediaType({ headers }: Call): string {
  return (headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase();
}

/** `undefined` for bytes that are no JSON text in UTF-8. */
export function parsed(bytes: Buffer | string): unknown {
  try {
    const words = typeof bytes === 'string' ? bytes : utf8.decode(bytes);
    return JSON.parse(words) as unknown;
  } catch {
    return undefined;
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function finish(response: ServerResponse, reply: Reply): void {
  response.writeHead(reply.status, reply.headers).end(reply.body);
}

function cut(response: ServerResponse, { status, headers, body = '' }: Reply): void {
  response.writeHead(status, { ...headers, 'content-length': `${body.length + 100}` });
  response.write('{', () => response.socket?.resetAndDestroy());
}

function trickle(response: ServerResponse, reply: Reply, stepMs: number): void {
  const { status, headers, body = '' } = reply;
  const half = Math.ceil(body.length / 2);
  const steps = [
    () => response.writeHead(status, headers).flushHeaders(),
    () => response.write(body.slice(0, half)),
    () => response.end(body.slice(half)),
  ];
  const timer = setInterval(() => {
    steps.shift()?.();
    if (steps.length === 0) clearInterval(timer);
  }, stepMs);
  response.once('close', () => clearInterval(timer));
}
