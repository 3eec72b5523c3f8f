/**
 * The sandbox's end of a mitmproxy that `vitrine run` has started: an HTTP proxy on a Unix socket.
 * Decides by the name as our own proxy does, tells of what it refuses, and hands the rest on as it
 * came; what that is, mitmproxy's addon tells.
 */
import {
  createServer,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import {
  EGRESS_AUDIT_MS_MAX,
  EGRESS_CONNECTIONS_MAX,
  EGRESS_HEADER_BYTES_MAX,
  EGRESS_IDLE_MS_MAX,
} from '@vitrine/schema';
import {
  answer,
  answerSocket,
  NO_DESTINATION,
  NO_PROXY_REQUEST,
  type Said,
  UNREADABLE,
} from '../egress/answer.ts';
import { UNAUDITED } from '../egress/exchange.ts';
import { answerHeaders, malformed, requestHeaders } from '../egress/framing.ts';
import {
  decisionMembers,
  eventOf,
  type Members,
  type Place,
  placeMembers,
} from '../egress/heard.ts';
import { type HostRule, hostName, judgeHost, type Refusal } from '../egress/host-rule.ts';
import { authorityOf } from '../egress/tunnel.ts';
import type { ShimEvent } from '../send/event.ts';

export interface GateOptions {
  rules: HostRule[];
  /** Port of mitmproxy on the loopback address. */
  port: number;
  /** Resolves when the event is durable; rejects when it is not within the bound. */
  report: (event: ShimEvent, boundMs: number) => Promise<void>;
}

const LOOPBACK = '127.0.0.1';
const HTTP_PORT = 80;
const LIMITS = {
  maxHeaderSize: EGRESS_HEADER_BYTES_MAX,
  requestTimeout: 0,
  keepAliveTimeout: EGRESS_IDLE_MS_MAX,
  // Refused here, where it is recorded.
  requireHostHeader: false,
};
const FAILED: Said = {
  status: 502,
  code: 'EGRESS_FAILED',
  message: 'mitmproxy does not answer',
  hint: 'the session says whether it has ended',
};

export class Gate {
  readonly #options: GateOptions;
  readonly #server: Server;
  readonly #agent = new HttpAgent({ keepAlive: true });
  readonly #sockets = new Set<Duplex>();
  refused = 0;

  constructor(options: GateOptions) {
    this.#options = options;
    this.#server = createServer(LIMITS, (request, response) => this.#request(request, response));
    this.#server.maxConnections = EGRESS_CONNECTIONS_MAX;
    this.#server.on('connect', (request, socket, head) => {
      this.#connect(request, socket, head).catch(() => socket.destroy());
    });
    // Node would answer both by itself, and nobody would be told.
    this.#server.on('checkExpectation', (request, response) => this.#request(request, response));
    this.#server.on('clientError', ({ code }: NodeJS.ErrnoException, socket) => {
      if (code === 'ECONNRESET' || !socket.writable) socket.destroy();
      else void this.#tellOf(`no HTTP: ${code}`).then(() => answerSocket(socket, UNREADABLE));
    });
    this.#server.on('connection', (socket) => this.#keep(socket));
  }

  listen(path: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(path, resolve);
    });
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    this.#agent.destroy();
    await closed;
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => socket.destroy());
  }

  async #connect(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.on('error', () => socket.destroy());
    const place = authorityOf(request.url ?? '');
    if (place === undefined) {
      answerSocket(socket, NO_DESTINATION);
      return;
    }
    const { host, port } = place;
    const verdict = judgeHost(this.#options.rules, host, port);
    if (verdict.value === 'reject') {
      const said = await this.#refuse('egress.tunnel', verdict, { ...place, method: 'CONNECT' });
      answerSocket(socket, said);
      return;
    }
    const onward = connect(this.#options.port, LOOPBACK);
    this.#keep(onward);
    const name = host.includes(':') ? `[${host}]` : host;
    onward.on('connect', () => {
      onward.write(`CONNECT ${name}:${port} HTTP/1.1\r\nhost: ${name}:${port}\r\n\r\n`);
      if (head.length > 0) onward.write(head);
      socket.pipe(onward).pipe(socket);
    });
    onward.on('close', () => socket.destroy());
    socket.on('close', () => onward.destroy());
  }

  /** `GET http://host/path`: what clients of plain HTTP send to a proxy. */
  #request(request: IncomingMessage, response: ServerResponse): void {
    const url = URL.canParse(request.url ?? '') ? new URL(request.url!) : undefined;
    if (url?.protocol !== 'http:') {
      const told = this.#tellOf('a request that is none to a proxy');
      void told.then(() => answer(response, NO_PROXY_REQUEST));
      return;
    }
    const port = Number(url.port === '' ? HTTP_PORT : url.port);
    const host = hostName(url.hostname);
    const verdict =
      malformed(request, `${url.pathname}${url.search}`) ??
      judgeHost(this.#options.rules, host, port);
    if (verdict.value === 'reject') {
      const method = request.method ?? '';
      const told = this.#refuse('egress.request', verdict, { host, port, method });
      told.then(
        (said) => answer(response, said),
        () => response.destroy(),
      );
      return;
    }
    this.#forward(request, response, { host, port, secure: false, sni: '' }, url);
  }

  #forward(request: IncomingMessage, response: ServerResponse, place: Place, url: URL): void {
    const { port } = this.#options;
    const onward = httpRequest({
      host: LOOPBACK,
      port,
      agent: this.#agent,
      method: request.method ?? 'GET',
      path: `http://${url.host}${url.pathname}${url.search}`,
      headers: requestHeaders(request, place),
      setHost: false,
    });
    onward.on('response', (heard) => {
      response.writeHead(heard.statusCode ?? FAILED.status, answerHeaders(heard));
      heard.on('error', () => response.destroy()).pipe(response);
    });
    onward.on('error', () => answer(response, FAILED));
    request.on('error', () => onward.destroy());
    response.on('close', () => onward.destroy());
    request.pipe(onward);
  }

  /** No request came of it, but somebody tried. */
  #tellOf(reason: string): Promise<void> {
    return this.#options
      .report(eventOf('egress.error', { reason }), EGRESS_AUDIT_MS_MAX)
      .catch(() => {});
  }

  async #refuse(
    kind: 'egress.tunnel' | 'egress.request',
    verdict: Refusal,
    { host, port, method }: { host: string; port: number; method: string },
  ): Promise<Said> {
    this.refused++;
    const { status = 403, message, hint } = verdict;
    const place: Place = { host, port, secure: kind === 'egress.tunnel', sni: '' };
    const members: Members = {
      ...placeMembers(place),
      'http.method': method,
      'http.host': host,
      'http.denied': true,
      'http.status': status,
      ...decisionMembers(verdict),
    };
    try {
      await this.#options.report(eventOf(kind, members), EGRESS_AUDIT_MS_MAX);
    } catch {
      return UNAUDITED;
    }
    return { status, code: 'EGRESS_REFUSED', message, hint };
  }
}
