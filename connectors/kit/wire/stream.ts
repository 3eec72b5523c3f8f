/** A stream connector's channel: opened when it is needed, and anew when its secrets change. */
import { DELIVERY_CONCURRENT_MAX } from '@vitrine/schema';
import type { Channel, Io, Item, Outcome } from '../contract.ts';
import type { StreamTransport } from '../define.ts';
import { Deadline } from './deadline.ts';
import { failureOf } from './failure.ts';
import { guardedIo } from './io.ts';
import { TlsFiles } from './tls-files.ts';
import { cleaned, NO_CONFIRMS, type Wire, type WireOptions } from './wire.ts';

export class StreamWire implements Wire {
  readonly concurrentMax: number;
  readonly confirms = NO_CONFIRMS;
  readonly #options: WireOptions;
  readonly #transport: StreamTransport;
  readonly #files: TlsFiles;
  readonly #io: Io;
  #channel: Channel | undefined;

  /** Throws CONNECTOR_CONFIG_INVALID when a PEM file cannot be read. */
  constructor(options: WireOptions, transport: StreamTransport) {
    this.#options = options;
    this.#transport = transport;
    this.#files = new TlsFiles(options.connector.settings);
    this.#files.read();
    this.#io = guardedIo(options, this.#files);
    this.concurrentMax = transport.concurrent ? DELIVERY_CONCURRENT_MAX : 1;
  }

  async send(items: Item[], _attempt: number, stop: AbortSignal): Promise<Outcome> {
    const { attemptMs, secrets } = this.#options;
    const deadline = new Deadline(attemptMs, stop);
    try {
      const channel = await this.#current();
      const given = await Promise.race([channel.send(items, deadline.signal), deadline.over()]);
      if (given !== undefined) return cleaned(given, secrets);
    } catch (error) {
      return cleaned(failureOf(error), secrets);
    } finally {
      deadline.end();
    }
    // A channel that did not answer in time may be stuck: the next attempt has a new one.
    await this.#end();
    const reason = deadline.late ? `no answer within ${attemptMs} ms` : 'stopped';
    return { kind: 'retry', reason, unreachable: true };
  }

  async confirm(): Promise<Outcome> {
    return { kind: 'retry', reason: 'nothing can be confirmed' };
  }

  async authorize(): Promise<undefined> {
    return undefined;
  }

  async probe(): Promise<undefined> {
    return undefined;
  }

  secretsChanged(): boolean {
    return this.#options.secrets.changed() || this.#files.changed();
  }

  close(): Promise<void> {
    return this.#end();
  }

  async #current(): Promise<Channel> {
    if (this.#channel !== undefined && this.secretsChanged()) await this.#end();
    this.#files.read();
    this.#channel ??= this.#transport.open(this.#options.secrets, this.#io);
    return this.#channel;
  }

  async #end(): Promise<void> {
    const channel = this.#channel;
    this.#channel = undefined;
    await channel?.close().catch(() => {});
  }
}
