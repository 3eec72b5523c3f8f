/**
 * The egress proxy: an HTTP proxy on a Unix socket, which is the only way out of the sandbox. It
 * reaches the hosts it was given, verifies them, and tells of every request before it is answered.
 * Owns its sockets; keeps no state between requests.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import {
  EGRESS_AUDIT_MS_MAX,
  EGRESS_CONNECTIONS_MAX,
  EGRESS_HEADER_BYTES_MAX,
  EGRESS_IDLE_MS_MAX,
} from '@vitrine/schema';
import type { ShimEvent } from '../send/event.ts';
import { answer, answerSocket, NO_PROXY_REQUEST, UNREADABLE } from './answer.ts';
import type { RunAuthority } from './certificate.ts';
import type { CredentialReader } from './credential.ts';
import { Exchange, UNAUDITED } from './exchange.ts';
import { malformed, namedPlace } from './framing.ts';
import { decisionMembers, eventOf, type Place, placeMembers, requestMembers } from './heard.ts';
import { type HostRule, hostName, judgeHost, type Refusal } from './host-rule.ts';
import { openTunnel } from './tunnel.ts';
import { Upstreams } from './upstream.ts';

export interface EgressOptions {
  rules: HostRule[];
  authority: RunAuthority;
  credentials: CredentialReader;
  /** Resolves when the event is durable; rejects when it is not within the bound. */
  report: (event: ShimEvent, boundMs: number) => Promise<void>;
  upstreams?: Upstreams;
}

const LIMITS = {
  maxHeaderSize: EGRESS_HEADER_BYTES_MAX,
  requestTimeout: 0,
  keepAliveTimeout: EGRESS_IDLE_MS_MAX,
  // Refused here, where it is recorded.
  requireHostHeader: false,
};

export class EgressProxy {
  readonly #options: EgressOptions;
  readonly #upstreams: Upstreams;
  readonly #outer: Server;
  /** Speaks HTTP inside the tunnels; never listens. */
  readonly #inner: Server;
  readonly #places = new WeakMap<Socket, Place>();
  /** Tunnels that a request came through. */
  readonly #used = new WeakSet<Socket>();
  readonly #sockets = new Set<Socket>();
  readonly counts = { requests: 0, tunnels: 0, refused: 0 };

  constructor(options: EgressOptions) {
    this.#options = options;
    this.#upstreams = options.upstreams ?? new Upstreams();
    this.#outer = createServer(LIMITS, (request, response) => this.#absolute(request, response));
    this.#inner = createServer(LIMITS, (request, response) => this.#tunnelled(request, response));
    this.#outer.maxConnections = EGRESS_CONNECTIONS_MAX;
    this.#outer.on('connect', (request, socket, head) => {
      this.counts.tunnels++;
      openTunnel(
        {
          rules: options.rules,
          authority: options.authority,
          report: options.report,
          accept: (tls, place) => this.#accept(tls, place),
        },
        request,
        socket,
        head,
      ).catch(() => socket.destroy());
    });
    for (const server of [this.#outer, this.#inner]) {
      server.on('clientError', ({ code }: NodeJS.ErrnoException, socket) => {
        if (code === 'ECONNRESET' || !socket.writable) socket.destroy();
        else this.#unreadable(`no HTTP: ${code}`, socket as Socket);
      });
    }
    // Node would answer both by itself, and nobody would be told.
    this.#outer.on('checkExpectation', (request, response) => this.#absolute(request, response));
    this.#inner.on('checkExpectation', (request, response) => this.#tunnelled(request, response));
    this.#inner.on('connect', (_, socket) => {
      this.#unreadable('CONNECT inside a tunnel', socket as Socket);
    });
    this.#outer.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  listen(socketPath: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#outer.once('error', reject);
      this.#outer.listen(socketPath, resolve);
    });
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#outer.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    this.#upstreams.close();
    await closed;
  }

  #accept(tls: TLSSocket, place: Place): void {
    this.#places.set(tls, place);
    tls.on('error', () => tls.destroy());
    // Some clients find out that they do not trust the certificate when the handshake is over.
    tls.on('close', () => {
      if (this.#used.has(tls)) return;
      const reason = 'the client left without a request';
      const event = eventOf('egress.error', {
        ...placeMembers(place),
        'http.host': place.host,
        reason,
      });
      this.#options.report(event, EGRESS_AUDIT_MS_MAX).catch(() => {});
    });
    this.#inner.emit('connection', tls);
  }

  /** No request came of it, but somebody tried. */
  #unreadable(reason: string, socket: Socket): void {
    const place = this.#places.get(socket);
    this.#used.add(socket);
    const where = place === undefined ? {} : { ...placeMembers(place), 'http.host': place.host };
    const event = eventOf('egress.error', { ...where, reason });
    const told = this.#options.report(event, EGRESS_AUDIT_MS_MAX).catch(() => {});
    void told.then(() => answerSocket(socket, UNREADABLE));
  }

  #tunnelled(request: IncomingMessage, response: ServerResponse): void {
    this.#used.add(request.socket);
    const place = this.#places.get(request.socket);
    if (place === undefined) request.socket.destroy();
    else this.#serve(request, response, place, request.url ?? '/');
  }

  /** `GET http://host/path`: what clients of plain HTTP send to a proxy. */
  #absolute(request: IncomingMessage, response: ServerResponse): void {
    const url = URL.canParse(request.url ?? '') ? new URL(request.url!) : undefined;
    if (url?.protocol !== 'http:') {
      const event = eventOf('egress.error', { reason: 'a request that is none to a proxy' });
      const told = this.#options.report(event, EGRESS_AUDIT_MS_MAX).catch(() => {});
      void told.then(() => answer(response, NO_PROXY_REQUEST));
      return;
    }
    const port = Number(url.port === '' ? HTTP_PORT : url.port);
    const place = { host: hostName(url.hostname), port, secure: false, sni: '' };
    this.#serve(request, response, place, `${url.pathname}${url.search}`);
  }

  #serve(request: IncomingMessage, response: ServerResponse, place: Place, target: string): void {
    this.counts.requests++;
    const { credentials, report, rules } = this.#options;
    const verdict =
      malformed(request, target) ??
      misnamed(request, place) ??
      judgeHost(rules, place.host, place.port);
    const members = {
      ...requestMembers(request, place, target, credentials),
      ...decisionMembers(verdict),
    };
    request.on('error', () => {});
    response.on('error', () => {});
    if (verdict.value === 'reject') {
      this.#refuse(response, verdict, members).catch(() => response.destroy());
      return;
    }
    const way = { upstreams: this.#upstreams, report };
    const { target: rule } = verdict;
    const at = { request, response, rule, place, target, members };
    new Exchange(way, at).run().catch(() => response.destroy());
  }

  async #refuse(
    response: ServerResponse,
    verdict: Refusal,
    members: ShimEvent['attributes'],
  ): Promise<void> {
    this.counts.refused++;
    const { status = 403, message, hint } = verdict;
    const refused = { ...members, 'http.status': status, 'http.denied': true };
    try {
      await this.#options.report(eventOf('egress.request', refused), EGRESS_AUDIT_MS_MAX);
    } catch {
      answer(response, UNAUDITED);
      return;
    }
    answer(response, { status, code: 'EGRESS_REFUSED', message, hint });
  }
}

const HTTP_PORT = 80;

/** A request for one host through the tunnel of another would be judged by the wrong name. */
function misnamed(request: IncomingMessage, place: Place): Refusal | undefined {
  const claimed = namedPlace(request.headers.host ?? '', place.secure);
  const sniDiffers = place.secure && place.sni !== '' && place.sni !== place.host;
  const hostDiffers = claimed.host !== place.host || claimed.port !== place.port;
  if (!sniDiffers && !hostDiffers) return undefined;
  const says = sniDiffers ? `TLS asks for ${place.sni}` : `Host is ${claimed.host}:${claimed.port}`;
  return {
    value: 'reject',
    rule: 'another host inside',
    message: `${says}, but the connection is for ${place.host}:${place.port}`,
    hint: 'ask for the same host in CONNECT, in TLS and in the Host header',
  };
}
