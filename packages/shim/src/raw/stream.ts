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
  toEvents,
  type Vantage,
} from '@vitrine/schema';
import {
  type Description,
  describedAs,
  RawEmitters,
  reading,
  readStream,
  type Sent,
  START_S,
} from './emitters.ts';
import { type LogLine, logLine } from './log-line.ts';

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
const SUPERVISOR = 'sup';

/**
 * Throws STREAM_INVALID for what no shim could read or no collector would admit. `whole` as in
 * `readStream`.
 */
export function rawStream(text: string, whole = false): RawRow[] {
  const { description, lines } = readStream(text, whole);
  const log = new RawLog(description);
  for (const line of lines) {
    reading(line, () => {
      const told = logLine(line);
      if (told === undefined) log.session.take(line);
      else log.take(told);
    });
  }
  return log.rows();
}

class RawLog {
  readonly #rows: RawRow[] = [];
  readonly #sessions: Map<string, RawSession>;
  /** The one whose lines come. */
  session: RawSession;

  constructor(description: Description) {
    this.session = new RawSession(SESSION, description, START, this.#rows);
    this.#sessions = new Map([[SESSION, this.session]]);
  }

  take(told: LogLine): void {
    if (told.what === 'seal') {
      const record = { kind: 'seal', t: told.t, v: 1 };
      const place = { session: 'log', shim: 'seal', vantage: '', kind: 'seal' };
      pushRow(this.#rows, { ...place, record }, ZERO_HASH);
    } else if (told.what === 'session') this.#turnTo(told);
    else if (told.what === 'close') this.session.close(told.t);
    else if (told.what === 'relay') this.session.relay(told.vantage, told);
    else this.session.supervise(told);
  }

  /** And all sessions are closed. */
  rows(): RawRow[] {
    for (const session of this.#sessions.values()) session.close(END);
    return this.#rows;
  }

  #turnTo({ name, t, fields }: Extract<LogLine, { what: 'session' }>): void {
    const known = this.#sessions.get(name);
    if (known === undefined && t === undefined) throw new Error('there is no such session yet');
    if (known !== undefined && t !== undefined) throw new Error('the session is open already');
    this.session = known ?? new RawSession(name, describedAs(fields), t!, this.#rows);
    this.#sessions.set(name, this.session);
  }
}

class RawSession {
  readonly #name: string;
  readonly #emitters: RawEmitters;
  readonly #rows: RawRow[];
  readonly #chains = new Map<string, { seq: number; prev: Buffer }>();
  #closed = false;

  constructor(name: string, description: Description, t: string, rows: RawRow[]) {
    this.#name = name;
    this.#emitters = new RawEmitters(description);
    this.#rows = rows;
    this.supervise({ kind: 'open', t, fields: description as unknown as JsonObject });
  }

  /** A line of an emitter. */
  take(line: string): void {
    for (const sent of this.#emitters.take(line)) this.#take(sent);
  }

  /** A record that the relay makes of itself. */
  relay(vantage: Vantage, { kind, t, fields }: EventBody): void {
    this.#append(shimOf(vantage), vantage, { kind, t, fields });
  }

  supervise({ kind, t, fields }: EventBody): void {
    this.#append(SUPERVISOR, '', { kind, t, fields });
  }

  close(t: string): void {
    if (this.#closed) return;
    for (const sent of this.#emitters.end()) this.#take(sent);
    this.supervise({ kind: 'close', t, fields: {} });
    this.#closed = true;
  }

  #take({ vantage, path, type, body, t = START }: Sent): void {
    const signal = path === '/v1/logs' ? 'logs' : 'traces';
    const encoding = type === 'application/json' ? 'json' : 'protobuf';
    const isHook = path === HOOK_PATH;
    const events = isHook ? [hookEvent(body)] : toEvents(decodeExport(signal, encoding, body));
    for (const event of events) this.#append(shimOf(vantage), vantage, eventBody(event, t));
  }

  #append(shim: string, vantage: string, body: EventBody): void {
    if (this.#closed) throw new Error('the session is closed');
    const session = this.#name;
    const place = this.#chains.get(shim) ?? { seq: 0, prev: ZERO_HASH };
    const made = makeRecord(body, { session, shim, ...place }, () => Buffer.alloc(16, 7));
    const { leaf } = admitRecord({ chain: `${session}/${shim}`, ...place }, made.bytes);
    this.#chains.set(shim, { seq: place.seq + 1, prev: leaf });
    const record = JSON.parse(made.bytes.toString()) as JsonObject;
    pushRow(this.#rows, { session, shim, vantage, kind: body.kind, record }, leaf);
  }
}

function shimOf(vantage: Vantage): string {
  return `9a41c07be2d5f683.${vantage}`;
}

function pushRow(rows: RawRow[], row: Omit<RawRow, 'log' | 'index' | 'leaf'>, leaf: Buffer): void {
  rows.push({ log: 'raw', index: rows.length, leaf: leaf.toString('base64'), ...row });
}
