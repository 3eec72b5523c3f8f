/**
 * Raw output of emitters as their shims send it to a relay. A stream is a text file of lines, each
 * of one source, in the order of the log: `open {…}` what differs in the session's description,
 * `strace PID TIME CALL`, `gvisor` and `bpftrace` with a frame of theirs, `flow {…}` a line of the
 * mitmproxy addon, `hook SECONDS {…}`, `otlp {…}` and `spans {…}` of Claude Code or another
 * program, and the lines of `log-line.ts`. `#` begins a remark.
 */
import {
  encodeLogsRequest,
  type Grant,
  HOOK_PATH,
  type JsonObject,
  Scrubber,
  type Vantage,
} from '@vitrine/schema';
import type { Adapter } from '../adapter/adapter.ts';
import type { StreamShim } from '../adapter/main.ts';
import { bpftraceShim } from '../bpftrace/main.ts';
import { ShimError } from '../error.ts';
import { gvisorShim } from '../gvisor/main.ts';
import { mitmproxyShim } from '../mitmproxy/adapter.ts';
import type { ShimEvent } from '../send/event.ts';
import { straceShim } from '../strace/adapter.ts';
import { LOG_LINES, nanosOf, split } from './log-line.ts';

/** When every stream begins, unix seconds. */
export const START_S = 1_795_425_180;
const FORWARDER = '/run/vitrine/node';
/** What strace writes of our own plumbing before the agent's first program. */
const PLUMBING = [
  `10 ${START_S}.000001 execve("${FORWARDER}", ["node"], 0x1 /* 1 var */) = 0`,
  `11 ${START_S}.000002 execve("/usr/bin/claude", ["claude"], 0x1 /* 1 var */) = 0`,
];
const HEX = /^(?:[0-9a-f]{2})+$/;
/** What begins a line, where its shim stands, and the shim. */
const STREAMS: readonly [name: string, vantage: Vantage, shim: StreamShim][] = [
  ['strace', 'boundary', straceShim],
  ['gvisor', 'boundary', gvisorShim],
  ['bpftrace', 'host', bpftraceShim],
  ['flow', 'boundary', mitmproxyShim],
];
const SOURCES = [...STREAMS.map(([name]) => name), 'hook', 'otlp', 'spans', ...LOG_LINES];
const DESCRIPTION = {
  runtime: 'native',
  host: { name: 'build-7', id: 'h-0007', os: 'linux', process: { pid: 4211 } },
  user: 'mika',
  command: ['claude'],
  grants: [{ path: '/code', mode: 'rw' }] as Grant[],
  credentials: ['3f1c0a9be27d4458b6a1c5f2d09e7731'],
  hosts: ['api.anthropic.com'],
  expected: [],
  absent: [],
};
export type Description = typeof DESCRIPTION;
const OPEN = 'open ';
const LINE_CHARS_SHOWN = 120;

/** One request to a relay's intake. */
export interface Sent {
  vantage: Vantage;
  path: '/v1/logs' | '/v1/traces' | typeof HOOK_PATH;
  type: 'application/json' | 'application/x-protobuf';
  body: Uint8Array;
  /** When a hook was called, unix nanoseconds: it does not say so itself. */
  t?: string;
}

/** A stream taken apart; `lines` begin with what strace writes of our own plumbing. */
export interface RawText {
  description: Description;
  lines: string[];
}

/**
 * The description of a stream's session, and its lines. `whole`: no plumbing is put before, for a
 * recording that has it or was made without strace. Throws STREAM_INVALID.
 */
export function readStream(text: string, whole = false): RawText {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const isOpen = (line: string): boolean => line.startsWith(OPEN);
  const description = { ...DESCRIPTION };
  for (const line of lines.filter(isOpen)) {
    reading(line, () => Object.assign(description, JSON.parse(line.slice(OPEN.length))));
  }
  const plumbing = whole ? [] : PLUMBING.map((line) => `strace ${line}`);
  return { description, lines: [...plumbing, ...lines.filter((line) => !isOpen(line))] };
}

/** Of another session of a stream, by what differs. */
export function describedAs(differing: JsonObject): Description {
  return Object.assign({ ...DESCRIPTION }, differing);
}

/** What is wrong with a line of a stream is said with the line: STREAM_INVALID. */
export function reading<T>(line: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof ShimError && cause.code === 'STREAM_INVALID') throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    const shown = line.length > LINE_CHARS_SHOWN ? `${line.slice(0, LINE_CHARS_SHOWN)}…` : line;
    const hint = `a line is one of: open, ${SOURCES.join(', ')}`;
    throw new ShimError('STREAM_INVALID', `${reason}: ${shown}`, hint, { cause });
  }
}

export class RawEmitters {
  readonly #adapters: ReadonlyMap<string, { vantage: Vantage; adapter: Adapter }>;

  constructor(description: Description) {
    const settings = {
      scrubber: new Scrubber([]),
      grants: description.grants,
      now: () => `${START_S}000000000`,
      given: { forwarder: FORWARDER, provisioned: description.credentials, log: 'boot.log' },
    };
    this.#adapters = new Map(
      STREAMS.map(([name, vantage, shim]) => [name, { vantage, adapter: shim.adapter(settings) }]),
    );
  }

  /** Throws STREAM_INVALID for a line of an unknown source and for one its shim cannot read. */
  take(line: string): Sent[] {
    return reading(line, () => this.#take(line));
  }

  #take(line: string): Sent[] {
    const [source, rest] = split(line);
    const type = 'application/json';
    if (this.#adapters.has(source)) return this.#shim(source, frameOf(rest));
    if (source === 'otlp' || source === 'spans') {
      const path = source === 'otlp' ? '/v1/logs' : '/v1/traces';
      return [{ vantage: 'agent', path, type, body: Buffer.from(rest) }];
    }
    if (source === 'hook') {
      const [seconds, body] = split(rest);
      const t = nanosOf(seconds);
      return [{ vantage: 'agent', path: HOOK_PATH, type, body: Buffer.from(body), t }];
    }
    if (LOG_LINES.includes(source)) return [];
    throw new Error('no such source');
  }

  /** What the adapters hold back for the sake of order. */
  end(): Sent[] {
    return [...this.#adapters.keys()].flatMap((name) => {
      return this.#sent(name, this.#adapters.get(name)!.adapter.end?.() ?? []);
    });
  }

  #shim(name: string, frame: Buffer): Sent[] {
    const { adapter } = this.#adapters.get(name)!;
    const { unparsed } = adapter.counts;
    const events = adapter.read(frame);
    if (adapter.counts.unparsed > unparsed) throw new Error(`${name} cannot read this`);
    return this.#sent(name, events);
  }

  #sent(name: string, events: ShimEvent[]): Sent[] {
    if (events.length === 0) return [];
    const { vantage } = this.#adapters.get(name)!;
    const body = encodeLogsRequest(events.map(outgoing), { 'vitrine.shim.name': name });
    return [{ vantage, path: '/v1/logs', type: 'application/x-protobuf', body }];
  }
}

function outgoing({ kind, t, attributes }: ShimEvent) {
  return { eventName: kind, timeUnixNano: t, attributes };
}

/** As the recordings have them: bytes that are no text as hexadecimal digits. */
function frameOf(text: string): Buffer {
  return Buffer.from(text, HEX.test(text) ? 'hex' : 'latin1');
}
