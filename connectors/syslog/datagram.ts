/** Syslog over UDP (RFC 5426): one message in each datagram, and nobody knows what arrives. */
import type { Channel, Datagrams, Io, Item, ItemOutcome, Outcome } from '../kit/contract.ts';
import { systemCode } from '../kit/error.ts';
import { PORTS, type SyslogSettings } from './config.ts';

/** A host that has nobody at the port says so within a round trip, if at all. */
const COMPLAINT_MS = 50;

export class DatagramChannel implements Channel {
  readonly #config: SyslogSettings;
  readonly #io: Io;
  /** Shared by all sends that are under way. */
  #socket: Promise<Datagrams> | undefined;

  constructor(config: SyslogSettings, io: Io) {
    this.#config = config;
    this.#io = io;
  }

  async send(items: Item[], signal: AbortSignal): Promise<Outcome> {
    const { host, port = PORTS.udp } = this.#config;
    const outcomes: ItemOutcome[] = [];
    this.#socket ??= this.#io.udp({ host, port });
    const opening = this.#socket;
    try {
      const socket = await opening;
      for (const { bytes } of items) {
        signal.throwIfAborted();
        outcomes.push(await this.#sent(socket, bytes));
      }
      await new Promise<void>((done) => void this.#io.clock.after(COMPLAINT_MS, done));
      const complaint = socket.failure();
      if (complaint !== undefined) throw complaint;
    } catch (error) {
      this.#end(opening);
      if (signal.aborted) return { kind: 'retry', reason: 'stopped' };
      return this.#io.failure(error);
    }
    const answer = 'handed to the network; UDP does not tell what arrives';
    if (outcomes.every(({ kind }) => kind === 'ok')) return { kind: 'ok', answer };
    return { kind: 'partial', answer, items: outcomes };
  }

  async close(): Promise<void> {
    if (this.#socket !== undefined) this.#end(this.#socket);
  }

  /** Once, by whoever comes first; waits for no resolver, which may hang. */
  #end(socket: Promise<Datagrams>): void {
    if (this.#socket !== socket) return;
    this.#socket = undefined;
    socket.then(
      (open) => open.close(),
      () => {},
    );
  }

  async #sent(socket: Datagrams, bytes: Uint8Array): Promise<ItemOutcome> {
    try {
      await socket.send(bytes);
      return { kind: 'ok' };
    } catch (error) {
      if (systemCode(error) !== 'EMSGSIZE') throw error;
      const reason = `${bytes.length} bytes are more than a datagram takes; lower message_bytes`;
      return { kind: 'dead', reason };
    }
  }
}
