/**
 * Raw output of emitters as rows of a log, by the code that does it in the product: the shim's
 * adapter, OTLP on the wire, the relay's record, the admission of its chain, the hand-over to
 * detection. A stream is a text file of lines, each of one source, in the order of the log:
 * `open {…}` what differs in the session's description, `strace PID TIME CALL`, `gvisor` and
 * `bpftrace` with a frame of theirs, `flow {…}` a line of the mitmproxy addon, `hook SECONDS {…}`
 * and `otlp {…}` of Claude Code. `#` begins a remark.
 */
import { admitRecord, makeRecord, ZERO_HASH } from '@vitrine/chain';
import type { DetectInput } from '@vitrine/detect';
import {
  decodeExport,
  encodeLogsRequest,
  type Grant,
  hookEvent,
  type JsonObject,
  type SandboxEvent,
  Scrubber,
  toEvents,
  type Vantage,
} from '@vitrine/schema';
import { type LooseRow, packRows, unpackRows } from '../../apps/collector/src/detect/rows.ts';
import { eventBody } from '../../apps/relay/src/custody/body.ts';
import type { Adapter } from '../../packages/shim/src/adapter/adapter.ts';
import type { StreamShim } from '../../packages/shim/src/adapter/main.ts';
import { bpftraceShim } from '../../packages/shim/src/bpftrace/main.ts';
import { gvisorShim } from '../../packages/shim/src/gvisor/main.ts';
import { mitmproxyShim } from '../../packages/shim/src/mitmproxy/adapter.ts';
import type { ShimEvent } from '../../packages/shim/src/send/event.ts';
import { straceShim } from '../../packages/shim/src/strace/adapter.ts';

const SESSION = '0193a4c2-raw';
const START_S = '1795425180';
const END_S = '1795426180';
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

/**
 * Throws for a line of an unknown source and for what no collector would admit. `whole`: no
 * plumbing is put before, for a recording that has it or was made without strace.
 */
export function rawStream(text: string, whole = false): DetectInput[] {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const isOpen = (line: string): boolean => line.startsWith('open ');
  const description = { ...DESCRIPTION };
  for (const line of lines.filter(isOpen)) Object.assign(description, JSON.parse(line.slice(5)));
  const session = new RawSession(description);
  if (!whole) for (const line of PLUMBING) session.take(`strace ${line}`);
  for (const line of lines) if (!isOpen(line)) session.take(line);
  return session.rows();
}

class RawSession {
  readonly #log: LooseRow[] = [];
  readonly #chains = new Map<string, { seq: number; prev: Buffer }>();
  readonly #adapters: ReadonlyMap<string, { vantage: Vantage; adapter: Adapter }>;

  constructor(description: typeof DESCRIPTION) {
    const settings = {
      scrubber: new Scrubber([]),
      grants: description.grants,
      now: () => `${START_S}000000000`,
      given: { forwarder: FORWARDER, provisioned: description.credentials, log: 'boot.log' },
    };
    this.#adapters = new Map(
      STREAMS.map(([name, vantage, shim]) => [name, { vantage, adapter: shim.adapter(settings) }]),
    );
    const fields = description as unknown as JsonObject;
    this.#append('sup', '', { kind: 'open', t: `${START_S}000000000`, fields });
  }

  take(line: string): void {
    const [source = '', rest = ''] = split(line);
    if (this.#adapters.has(source)) this.#shim(source, frameOf(rest));
    else if (source === 'otlp') {
      for (const event of toEvents(decodeExport('logs', 'json', Buffer.from(rest)))) {
        this.#agent(event, `${START_S}000000000`);
      }
    } else if (source === 'hook') {
      const [seconds = '', body = ''] = split(rest);
      this.#agent(hookEvent(Buffer.from(body)), nanosOf(seconds));
    } else throw new Error(`there is no source ${source}`);
  }

  /** What the adapters hold back for the sake of order is told, and the session closed. */
  rows(): DetectInput[] {
    for (const name of this.#adapters.keys()) {
      this.#tell(name, this.#adapters.get(name)!.adapter.end?.() ?? []);
    }
    this.#append('sup', '', { kind: 'close', t: `${END_S}000000000`, fields: {} });
    return unpackRows(packRows(this.#log));
  }

  #shim(name: string, frame: Buffer): void {
    const { adapter } = this.#adapters.get(name)!;
    const { unparsed } = adapter.counts;
    const events = adapter.read(frame);
    if (adapter.counts.unparsed > unparsed) throw new Error(`${name} cannot read: ${frame}`);
    this.#tell(name, events);
  }

  #tell(name: string, events: ShimEvent[]): void {
    if (events.length === 0) return;
    const { vantage } = this.#adapters.get(name)!;
    const body = encodeLogsRequest(events.map(outgoing), { 'vitrine.shim.name': name });
    for (const event of toEvents(decodeExport('logs', 'protobuf', body))) {
      this.#record(vantage, event, `${START_S}000000000`);
    }
  }

  #agent(event: SandboxEvent, t: string): void {
    this.#record('agent', event, t);
  }

  #record(vantage: Vantage, event: SandboxEvent, t: string): void {
    this.#append(`9a41c07be2d5f683.${vantage}`, vantage, eventBody(event, t));
  }

  #append(shim: string, vantage: string, body: Parameters<typeof makeRecord>[0]): void {
    const place = this.#chains.get(shim) ?? { seq: 0, prev: ZERO_HASH };
    const made = makeRecord(body, { session: SESSION, shim, ...place }, () => Buffer.alloc(16, 7));
    const chain = `${SESSION}/${shim}`;
    const { leaf } = admitRecord({ chain, ...place }, made.bytes);
    this.#chains.set(shim, { seq: place.seq + 1, prev: leaf });
    const at = { log: 'raw', idx: this.#log.length, session: SESSION, shim, vantage };
    this.#log.push({ ...at, kind: body.kind, leaf, record: made.bytes.toString() });
  }
}

function outgoing({ kind, t, attributes }: ShimEvent) {
  return { eventName: kind, timeUnixNano: t, attributes };
}

/** As the recordings have them: bytes that are no text as hexadecimal digits. */
function frameOf(text: string): Buffer {
  return Buffer.from(text, HEX.test(text) ? 'hex' : 'latin1');
}

function split(line: string): [string, string] {
  const space = line.indexOf(' ');
  return space < 0 ? [line, ''] : [line.slice(0, space), line.slice(space + 1)];
}

/** `1795425180.25` as unix nanoseconds. */
function nanosOf(seconds: string): string {
  const [whole = '', part = ''] = seconds.split('.');
  return `${whole}${part.padEnd(9, '0')}`;
}
