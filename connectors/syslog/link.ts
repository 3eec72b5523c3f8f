/**
 * One connection to a receiver, and whether it is still sound. Syslog has no answers: what a
 * receiver thinks of us shows in nothing but how the connection ends.
 */
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { SYSLOG_GREETING_MS_MAX, SYSLOG_KEEPALIVE_MS } from '@vitrine/schema';
import type { Clock } from '../kit/clock.ts';
import { unacknowledgedBytes } from './unacknowledged.ts';

/** The send buffer is looked at again after this while it is not empty. */
const LOOK_MS = 50;

export class Link {
  readonly #socket: Socket;
  readonly #clock: Clock;
  readonly #ended = new AbortController();
  /** Sends that settle together look together: the table has a line for every connection. */
  #look: { at: number; bytes: Promise<number> } | undefined;

  /** `socket` is connected. */
  constructor(socket: Socket, clock: Clock) {
    this.#socket = socket;
    this.#clock = clock;
    socket.setNoDelay(true);
    socket.setKeepAlive(true, SYSLOG_KEEPALIVE_MS);
    socket.on('error', (error) => this.#end(error));
    // A receiver that closes its side will not say what it did not read.
    socket.on('end', () => this.#end(new Error('the receiver closed the connection')));
    socket.on('close', () => this.#end(new Error('the connection was closed')));
    // Nothing is expected, but unread data would hide the end behind it.
    socket.resume();
  }

  get isSound(): boolean {
    return !this.#ended.signal.aborted;
  }

  /**
   * TLS 1.3: the handshake is over for us before the receiver has looked at our certificate
   * (RFC 8446 §4.4.2.4). Its first ticket shows that it took it. A refusal must be read before we
   * write, for an answer to a closed connection would wipe it out.
   */
  greeted(): Promise<void> {
    const socket = this.#socket;
    if (!(socket instanceof TLSSocket) || socket.getProtocol() !== 'TLSv1.3') {
      return Promise.resolve();
    }
    return unless(this.#ended.signal, (done) => {
      const cancel = this.#clock.after(SYSLOG_GREETING_MS_MAX, done);
      // The event comes out of the middle of a read of OpenSSL: a write there garbles its records.
      const ticket = (): void => void setImmediate(done);
      socket.once('session', ticket);
      return () => {
        cancel();
        socket.off('session', ticket);
      };
    });
  }

  /**
   * Resolves when the bytes were written, the connection has stayed sound for `ms` after that and
   * the receiver's system has every byte. Rejects with the reason of its end, or of `stop`.
   */
  async send(bytes: Uint8Array, ms: number, stop: AbortSignal): Promise<void> {
    const signal = AbortSignal.any([this.#ended.signal, stop]);
    await unless(signal, (done, fail) => {
      this.#socket.write(bytes, (error) => (error ? fail(error) : done()));
      return () => {};
    });
    await this.#rest(ms, signal);
    while ((await this.#unacknowledged()) > 0) await this.#rest(LOOK_MS, signal);
    signal.throwIfAborted();
  }

  /** Nothing more is sent; what was is still on its way, for so long at most. */
  async close(ms: number): Promise<void> {
    this.#socket.end();
    if (this.isSound) await this.#rest(ms, this.#ended.signal).catch(() => {});
    this.drop();
  }

  drop(): void {
    this.#socket.destroy();
  }

  #end(reason: Error): void {
    this.#ended.abort(reason);
    this.#socket.destroy();
  }

  /** As it was less than `LOOK_MS` ago, which is less than anything settles in. */
  #unacknowledged(): Promise<number> {
    const now = this.#clock.monotonic();
    if (this.#look === undefined || now - this.#look.at >= LOOK_MS) {
      this.#look = { at: now, bytes: unacknowledgedBytes(this.#socket) };
    }
    return this.#look.bytes;
  }

  #rest(ms: number, signal: AbortSignal): Promise<void> {
    return unless(signal, (done) => this.#clock.after(ms, done));
  }
}

type Start = (done: () => void, fail: (error: Error) => void) => () => void;

/** What `start` waits for, unless `signal` comes first; it answers how to stop waiting. */
function unless(signal: AbortSignal, start: Start): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const aborted = (): void => finish(() => reject(signal.reason));
    const cancel = start(
      () => finish(resolve),
      (error) => finish(() => reject(error)),
    );
    signal.addEventListener('abort', aborted, { once: true });
    function finish(settle: () => void): void {
      signal.removeEventListener('abort', aborted);
      cancel();
      settle();
    }
  });
}
