/**
 * Serves OTLP/gRPC on connections that somebody else has accepted (HTTP/2 with prior knowledge).
 * Whoever can connect may be hostile: calls, headers, pings, resets, idling and slowness are
 * bounded for each connection before anything of a call is read.
 */
import {
  constants,
  type IncomingHttpHeaders,
  performServerHandshake,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { Socket } from 'node:net';
import {
  GRPC_HEADER_BYTES_MAX,
  GRPC_IDLE_MS_MAX,
  GRPC_LINGER_MS_MAX,
  GRPC_PING_MS_MIN,
  GRPC_PINGS_EARLY_MAX,
  GRPC_RESETS_MAX,
  GRPC_RESETS_PER_SECOND_MAX,
  GRPC_STREAMS_MAX,
  GRPC_WINDOW_BYTES,
} from '../../limits.ts';
import { answerCall, type CallHandler } from './call.ts';

export interface GrpcOptions<Caller> extends CallHandler<Caller> {
  /** A connection must have made a welcome call by then, in milliseconds. */
  firstCallMsMax: number;
  /** Other than the limits of the same names in tests only. */
  idleMsMax?: number;
  lingerMsMax?: number;
}

const SESSION_OPTIONS = {
  settings: {
    maxConcurrentStreams: GRPC_STREAMS_MAX,
    maxHeaderListSize: GRPC_HEADER_BYTES_MAX,
    initialWindowSize: GRPC_WINDOW_BYTES,
    enablePush: false,
  },
  streamResetBurst: GRPC_RESETS_MAX,
  streamResetRate: GRPC_RESETS_PER_SECOND_MAX,
};

export class GrpcServer<Caller> {
  readonly #options: GrpcOptions<Caller>;
  readonly #connections = new Set<Connection<Caller>>();
  #closed = false;

  constructor(options: GrpcOptions<Caller>) {
    this.#options = options;
  }

  /** Serves a connection to its end; bytes that were put back into `socket` are read first. */
  take(socket: Socket): void {
    if (this.#closed) {
      socket.destroy();
      return;
    }
    const connection = new Connection(socket, this.#options);
    this.#connections.add(connection);
    void connection.ended.then(() => this.#connections.delete(connection));
  }

  /** Tells every sender to go, lets calls end, and cuts what is left after `graceMs`. */
  async close(graceMs: number): Promise<void> {
    this.#closed = true;
    const open = [...this.#connections];
    for (const connection of open) connection.close(graceMs);
    await Promise.all(open.map(({ ended }) => ended));
  }
}

class Connection<Caller> {
  readonly ended: Promise<void>;
  readonly #options: GrpcOptions<Caller>;
  readonly #socket: Socket;
  readonly #session: ServerHttp2Session;
  readonly #first: NodeJS.Timeout;
  #idle: NodeJS.Timeout | undefined;
  #cut: NodeJS.Timeout | undefined;
  #calls = 0;
  #pinged = Number.NEGATIVE_INFINITY;
  #early = 0;
  #isClosing = false;

  constructor(socket: Socket, options: GrpcOptions<Caller>) {
    this.#options = options;
    this.#socket = socket;
    this.#session = performServerHandshake(socket, SESSION_OPTIONS);
    this.#first = setTimeout(() => this.close(this.#lingerMs), options.firstCallMsMax);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ended = promise;
    socket.on('close', () => {
      for (const timer of [this.#first, this.#idle, this.#cut]) clearTimeout(timer);
      resolve();
    });
    // A broken connection is its sender's affair; its calls end by themselves.
    this.#session.on('error', () => {});
    this.#session.on('connect', () => this.#session.setLocalWindowSize(GRPC_WINDOW_BYTES));
    this.#session.on('ping', () => this.#ping());
    this.#session.on('stream', (stream, headers) => this.#call(stream, headers));
  }

  close(graceMs: number): void {
    this.#isClosing = true;
    this.#session.close();
    clearTimeout(this.#cut);
    this.#cut = setTimeout(() => this.#destroy(), graceMs);
  }

  /** The session alone would wait for the peer to close its half. */
  #destroy(): void {
    this.#session.destroy();
    this.#socket.destroy();
  }

  get #lingerMs(): number {
    return this.#options.lingerMsMax ?? GRPC_LINGER_MS_MAX;
  }

  #call(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    clearTimeout(this.#idle);
    this.#calls++;
    let linger: NodeJS.Timeout | undefined;
    stream.on('error', () => {});
    stream.on('close', () => {
      clearTimeout(linger);
      this.#calls--;
      this.#rest();
    });
    const onWelcome = (): void => clearTimeout(this.#first);
    const answered = (): void => {
      this.#early = 0;
      if (!stream.closed) linger = setTimeout(() => this.#destroy(), this.#lingerMs);
    };
    // An answer that cannot be sent is the end of this connection, never of the process.
    answerCall(this.#options, stream, headers, onWelcome).then(answered, () => this.#destroy());
  }

  #rest(): void {
    if (this.#calls > 0 || this.#session.destroyed) return;
    const ms = this.#options.idleMsMax ?? GRPC_IDLE_MS_MAX;
    this.#idle = setTimeout(() => this.close(this.#lingerMs), ms);
  }

  #ping(): void {
    // Whoever pings on must not put off the end.
    if (this.#isClosing) return;
    const now = performance.now();
    const isEarly = now - this.#pinged < GRPC_PING_MS_MIN;
    this.#pinged = now;
    if (isEarly && ++this.#early > GRPC_PINGS_EARLY_MAX) {
      const reason = Buffer.from('too_many_pings');
      this.#session.goaway(constants.NGHTTP2_ENHANCE_YOUR_CALM, 0, reason);
      this.close(this.#lingerMs);
    }
  }
}
