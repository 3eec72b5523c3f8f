/**
 * gVisor's runtime monitoring as events: packets of the sentry's remote sink (`sink.pl` frames
 * them), and lines of its strace log, for deletes, renames, links and the like have no path in the
 * sink. The sentry runs under the agent's own programs and is not trusted: what it says is bounded,
 * and a number that goes up tells what it dropped.
 *
 * A frame is `O`, `P` or `E`, a connection's number, and a packet; or a line that begins with `{`.
 */
import { SHIM_IDLE_MS, SHIM_LATE_MS, SHIM_PROCESSES_MAX } from '@vitrine/schema';
import { type Adapter, type AdapterSettings, newCounts, Unreadable } from '../adapter/adapter.ts';
import { BoundedMap } from '../adapter/bounded.ts';
import { FileFacts } from '../file/facts.ts';
import type { ShimEvent } from '../send/event.ts';
import { RAW_CALLS } from './call-number.ts';
import { CallReader, type Meant } from './call-reader.ts';
import { type LoggedCall, readLogLine } from './log-line.ts';
import { MESSAGE, MESSAGE_TYPE_MAX, type Packet, readPacket } from './message.ts';
import { type Advance, Order, type Reader, type Told } from './order.ts';
import { ProcessTable } from './process.ts';
import { rawEvent } from './raw-call.ts';

const BRACE = 0x7b;
const KIND = { opened: 0x4f, packet: 0x50, ended: 0x45, reattached: 0x41 };
const FRAME_HEAD_BYTES = 5;
/** A frame of `attach.ts`: the number is what was dropped while nobody listened. */
export const REATTACHED = 'A';
/** `sink.pl` numbers from one. */
const EARLY = 0;
/** The last line of a sandbox is no later than this after its last message. */
const LINE_LATE_NS = 200_000_000n;
/** Messages of calls that the log has as well. */
const TOLD: Readonly<Record<number, Told>> = {
  [MESSAGE.open]: 'open',
  [MESSAGE.execve]: 'exec',
  [MESSAGE.connect]: 'connect',
};

/** One sentry: a sandbox that connected. */
interface Connection {
  /** Messages it says it gave up. */
  dropped: number;
  /** Calls the log has and it should have told. */
  silent: number;
  /** Of both, what is counted already: the same loss shows in both. */
  lost: number;
  packets: number;
  /** Unix nanoseconds of its last message. */
  last: bigint;
  /** It is closed; its last lines may still be on their way. */
  closed: boolean;
  processes: ProcessTable;
  reader: CallReader;
  order: Order;
}

type Step = (order: Order, read: Reader) => Advance;

export class GvisorAdapter implements Adapter {
  readonly #settings: AdapterSettings;
  readonly #unreadable: Unreadable;
  readonly #files: FileFacts;
  readonly #connections = new BoundedMap<number, Connection>(SHIM_PROCESSES_MAX);
  /** The log has the calls that the sink has by number only. */
  readonly #hasLog: boolean;
  #started = false;
  /** How often the input was found quiet since the last frame. */
  #quiet = 0;
  /** `quiet`: what is no event. `silent`: calls in the log that the sink should have told. */
  readonly counts = { ...newCounts(), quiet: 0, silent: 0 };

  constructor(settings: AdapterSettings) {
    this.#settings = settings;
    this.#unreadable = new Unreadable(settings, this.counts);
    this.#files = new FileFacts(settings.grants);
    this.#hasLog = settings.given.log !== undefined;
  }

  get started(): boolean {
    return this.#started;
  }

  read(frame: Buffer): ShimEvent[] {
    this.counts.frames++;
    this.#quiet = 0;
    const events = frame[0] === BRACE ? this.#line(frame) : this.#frame(frame);
    this.counts.events += events.length;
    if (events.length === 0) this.counts.quiet++;
    return events;
  }

  #frame(frame: Buffer): ShimEvent[] {
    if (frame.length < FRAME_HEAD_BYTES) return this.#odd('a frame that is none', frame);
    const id = frame.readUInt32LE(1);
    const packet = frame.subarray(FRAME_HEAD_BYTES);
    if (frame[0] === KIND.opened) return this.#open(id);
    if (frame[0] === KIND.reattached) return this.#reattached(id);
    const connection = this.#connections.get(id);
    if (connection === undefined) return this.#odd('a packet of an unknown connection', frame);
    if (frame[0] === KIND.ended) return this.#close(id, connection);
    if (frame[0] !== KIND.packet) return this.#odd('a frame that is none', frame);
    const read = readPacket(packet);
    if (read === undefined) return this.#odd('a packet of gVisor that cannot be read', packet);
    connection.packets++;
    this.#countDropped(connection, read.dropped);
    return this.#packet(connection, read, packet);
  }

  /** Its first lines may have come before it. */
  #open(id: number): ShimEvent[] {
    this.#connections.set(id, this.#connections.get(EARLY) ?? this.#new());
    this.#connections.delete(EARLY);
    return [];
  }

  #new(): Connection {
    const processes = new ProcessTable();
    const { scrubber, grants } = this.#settings;
    const reader = new CallReader({ processes, scrubber, grants });
    return {
      dropped: 0,
      silent: 0,
      lost: 0,
      packets: 0,
      last: 0n,
      closed: false,
      processes,
      reader,
      order: new Order(),
    };
  }

  #close(id: number, connection: Connection): ShimEvent[] {
    connection.closed = true;
    return this.#hasLog ? [] : this.#end(id, connection);
  }

  /**
   * The end of a sandbox, if all its processes had ended. A sentry whose session could not be set
   * up connects, and runs the sandbox all the same without a word.
   */
  #end(id: number, connection: Connection): ShimEvent[] {
    const { packets, processes } = connection;
    this.#connections.delete(id);
    const held = this.#advance(connection, (order, read) => order.end(read));
    const alive = processes.alive;
    if (packets > 0 && alive === 0) return held;
    const reason =
      packets === 0
        ? 'the sandbox is not monitored: its session names a point this runsc does not have'
        : 'the sentry went away before its processes had ended';
    const attributes = { reason, processes: alive };
    return [...held, { kind: 'telemetry.gap', t: this.#settings.now(), attributes }];
  }

  /** The sentry counts up; what it gives up after its last packet is never told. */
  #countDropped(connection: Connection, dropped: number): void {
    connection.dropped = Math.max(connection.dropped, dropped);
    this.#countLost(connection);
  }

  #countLost(connection: Connection): void {
    const lost = Math.max(connection.dropped, connection.silent);
    this.counts.dropped += lost - connection.lost;
    connection.lost = lost;
  }

  #packet(connection: Connection, packet: Packet, raw: Buffer): ShimEvent[] {
    const { type, fields } = packet;
    if (type === MESSAGE.rawSyscall) return this.#numbered(fields.small(4), packet);
    if (type < 1 || type > MESSAGE_TYPE_MAX) {
      return this.#odd(`a message of gVisor of unknown type ${type}`, raw);
    }
    this.#started = true;
    const context = fields.message(1);
    const t = BigInt(context?.int(1) ?? 0);
    if (t > connection.last) connection.last = t;
    const message = { tid: context?.small(2) ?? 0, t, sort: TOLD[type] };
    const before = this.#advance(connection, (order, read) => order.advance(message, read));
    return [...before, ...this.#made(connection.reader.read(type, fields))];
  }

  /** Calls of the log up to `t`; those that the sink should have told are losses of it. */
  #advance(connection: Connection, step: Step): ShimEvent[] {
    if (!this.#hasLog) return [];
    const { order, reader } = connection;
    const { meant, silent } = step(order, (call) => reader.logged(call));
    this.counts.silent += silent;
    connection.silent += silent;
    this.#countLost(connection);
    return meant.flatMap((means) => this.#made(means));
  }

  end(): ShimEvent[] {
    const events = [...this.#connections].flatMap(([id, one]) => this.#end(id, one));
    this.counts.events += events.length;
    return events;
  }

  idle(): ShimEvent[] {
    // A process that was stopped wakes with its timers due and its input unread: once is no quiet.
    if (++this.#quiet < 2) return [];
    const now = BigInt(this.#settings.now());
    const isLate = this.#quiet * SHIM_IDLE_MS >= SHIM_LATE_MS;
    const step: Step = (order, read) => order.idle(now, isLate, read);
    const events = [...this.#connections].flatMap(([id, one]) =>
      one.closed ? this.#end(id, one) : this.#advance(one, step),
    );
    this.counts.events += events.length;
    return events;
  }

  #numbered(number: number, { fields }: Packet): ShimEvent[] {
    const name = RAW_CALLS.get(number);
    if (name === undefined) return [];
    if (this.#hasLog) return [];
    return rawEvent(name, fields, this.#settings.now());
  }

  #line(frame: Buffer): ShimEvent[] {
    const line = frame.toString('utf8');
    const call = readLogLine(line);
    if (call === undefined) return this.#odd('a line of the sentry log that cannot be read', frame);
    if (call === 'other') return [];
    // One log, one sandbox at a time: lines of the last one may come after its messages.
    const t = BigInt(call.t);
    const ended: ShimEvent[] = [];
    for (const [id, connection] of this.#connections) {
      if (connection.closed && t > connection.last + LINE_LATE_NS) {
        ended.push(...this.#end(id, connection));
        continue;
      }
      return [...ended, ...this.#hold(connection, call)];
    }
    return [...ended, ...this.#hold(this.#early(), call)];
  }

  #hold(connection: Connection, call: LoggedCall): ShimEvent[] {
    return this.#advance(connection, (order, read) => order.hold(call, read));
  }

  #reattached(dropped: number): ShimEvent[] {
    this.#started = true;
    const reason = 'the sandbox ran before this shim listened';
    return [{ kind: 'telemetry.gap', t: this.#settings.now(), attributes: { reason, dropped } }];
  }

  #early(): Connection {
    const connection = this.#new();
    this.#connections.set(EARLY, connection);
    return connection;
  }

  #made(meant: Meant | undefined): ShimEvent[] {
    if (meant === undefined) return [];
    const { kind, t, attributes } = meant;
    const said = kind.startsWith('file.') ? this.#files.add(kind, attributes) : attributes;
    return [{ kind, t, attributes: said }];
  }

  #odd(reason: string, bytes: Buffer): ShimEvent[] {
    return this.#unreadable.take(reason, bytes.toString('latin1'));
  }
}
