/**
 * Raw output of emitters as rows of a log, for testing rules: by the code that does it in the
 * product, from the shim's adapter over OTLP on the wire and the relay's record to the admission of
 * its chain. `emitters.ts` says what a stream looks like.
 */
import { admitRecord, type EventBody, eventBody, makeRecord, ZERO_HASH } from '@vitrine/chain';
import {
  decodeExport,
  HOOK_PATH,
  hookEvent,
  type JsonObject,
  type SandboxEvent,
  toEvents,
  type Vantage,
} from '@vitrine/schema';
import { RawEmitters, reading, readStream, type Sent, START_S, sealTime } from './emitters.ts';

export { RawEmitters, readStream, type Sent, START_S } from './emitters.ts';
export { type ReplayOptions, replay } from './replay.ts';

/** One row as detection takes it. */
export interface RawRow {
  log: string;
  index: number;
  /** Leaf hash, base64. */
  leaf: string;
  session: string;
  shim: string;
  vantage: string;
  kind: string;
  record: JsonObject;
}

const SESSION = '0193a4c2-raw';
const START = `${START_S}000000000`;
const END = `${START_S + 1_000}000000000`;

/**
 * Throws STREAM_INVALID for what no shim could read or no collector would admit. `whole` as in
 * `readStream`.
 */
export function rawStream(text: string, whole = false): RawRow[] {
  const { description, lines } = readStream(text, whole);
  const emitters = new RawEmitters(description);
  const session = new RawSession(description as unknown as JsonObject);
  for (const line of lines) {
    const t = reading(line, () => sealTime(line));
    if (t !== undefined) session.seal(t);
    for (const sent of emitters.take(line)) reading(line, () => session.take(sent));
  }
  for (const sent of emitters.end()) session.take(sent);
  return session.rows();
}

class RawSession {
  readonly #log: RawRow[] = [];
  readonly #chains = new Map<string, { seq: number; prev: Buffer }>();

  constructor(fields: JsonObject) {
    this.#append('sup', '', { kind: 'open', t: START, fields });
  }

  take({ vantage, path, type, body, t = START }: Sent): void {
    if (path === HOOK_PATH) {
      this.#record(vantage, hookEvent(body), t);
      return;
    }
    const signal = path === '/v1/logs' ? 'logs' : 'traces';
    const encoding = type === 'application/json' ? 'json' : 'protobuf';
    for (const event of toEvents(decodeExport(signal, encoding, body))) {
      this.#record(vantage, event, t);
    }
  }

  seal(t: string): void {
    const place = { session: 'log', shim: 'seal', vantage: '', kind: 'seal' };
    this.#push({ ...place, record: { kind: 'seal', t, v: 1 } }, ZERO_HASH);
  }

  /** And the session is closed. */
  rows(): RawRow[] {
    this.#append('sup', '', { kind: 'close', t: END, fields: {} });
    return this.#log;
  }

  #record(vantage: Vantage, event: SandboxEvent, t: string): void {
    this.#append(`9a41c07be2d5f683.${vantage}`, vantage, eventBody(event, t));
  }

  #push(row: Omit<RawRow, 'log' | 'index' | 'leaf'>, leaf: Buffer): void {
    this.#log.push({ log: 'raw', index: this.#log.length, leaf: leaf.toString('base64'), ...row });
  }

  #append(shim: string, vantage: string, body: EventBody): void {
    const place = this.#chains.get(shim) ?? { seq: 0, prev: ZERO_HASH };
    const made = makeRecord(body, { session: SESSION, shim, ...place }, () => Buffer.alloc(16, 7));
    const chain = `${SESSION}/${shim}`;
    const { leaf } = admitRecord({ chain, ...place }, made.bytes);
    this.#chains.set(shim, { seq: place.seq + 1, prev: leaf });
    const record = JSON.parse(made.bytes.toString()) as JsonObject;
    this.#push({ session: SESSION, shim, vantage, kind: body.kind, record }, leaf);
  }
}
