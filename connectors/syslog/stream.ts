/**
 * Syslog over TCP or TLS. A written byte is not a delivered one: an alert counts once the
 * connection has stayed sound for the settling time, and everything unsettled is sent again over
 * the next connection, with the same ids.
 */
import { DELIVERY_STOP_MS_MAX } from '@vitrine/schema';
import type { Channel, Io, Item, Outcome } from '../kit/contract.ts';
import { systemCode } from '../kit/error.ts';
import { PORTS, type SyslogSettings } from './config.ts';
import { framed } from './frame.ts';
import { Link } from './link.ts';

/** How a closed connection is waited for at the end; nothing unsettled is left to it. */
const CLOSE_MS = DELIVERY_STOP_MS_MAX / 20;

export class StreamChannel implements Channel {
  readonly #config: SyslogSettings;
  readonly #io: Io;
  #link: Link | undefined;
  #opening: Promise<Link> | undefined;
  /** Something has settled over these settings: the receiver does not refuse us. */
  #everSettled = false;

  constructor(config: SyslogSettings, io: Io) {
    this.#config = config;
    this.#io = io;
  }

  async send(items: Item[], signal: AbortSignal): Promise<Outcome> {
    const { framing, settle_ms } = this.#config;
    let link: Link | undefined;
    try {
      link = await this.#sound(signal);
      const messages = items.map(({ bytes }) => bytes);
      await link.send(framed(messages, framing), settle_ms, signal);
      this.#everSettled = true;
      const answer = `sound for ${settle_ms} ms after it; syslog has no acknowledgement`;
      return { kind: 'ok', answer };
    } catch (error) {
      // What was cut short would be half a message at the receiver.
      link?.drop();
      if (signal.aborted) return { kind: 'retry', reason: 'did not settle in time' };
      return this.#failure(error);
    }
  }

  async close(): Promise<void> {
    await this.#opening?.catch(() => {});
    await this.#link?.close(CLOSE_MS);
  }

  #sound(signal: AbortSignal): Promise<Link> {
    if (this.#link?.isSound) return Promise.resolve(this.#link);
    this.#opening ??= this.#open(signal).finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  async #open(signal: AbortSignal): Promise<Link> {
    const { host, transport, port = PORTS[transport], server_name } = this.#config;
    const to = { host, port, ...(server_name !== undefined && { serverName: server_name }) };
    const socket = await this.#io.connect(to, transport === 'tls', signal);
    const link = new Link(socket, this.#io.clock);
    await link.greeted();
    this.#link = link;
    return link;
  }

  #failure(error: unknown): Outcome {
    const { transport, cert_file } = this.#config;
    const outcome = this.#io.failure(error);
    const unsaid = transport === 'tls' && cert_file === undefined && !this.#everSettled;
    if (outcome.kind !== 'retry' || !unsaid || !isEnd(error)) return outcome;
    const hint = 'it may ask for a client certificate: set cert_file and key_file';
    return { ...outcome, reason: `${outcome.reason}; ${hint}` };
  }
}

/** Receivers that close without a word when they are not content with us. */
function isEnd(error: unknown): boolean {
  const code = systemCode(error);
  return code === undefined || code === 'ECONNRESET' || code === 'EPIPE';
}
