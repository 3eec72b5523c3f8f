/**
 * Lines of a stream that no emitter writes: what a relay and the collector themselves put into the
 * log, and which session comes next. A replay into a running system leaves them out, for its relay
 * and its collector write their own.
 */
import { isObject, isVantage, type JsonObject, type Vantage } from '@vitrine/schema';

export type LogLine =
  /** The log's own time goes on. */
  | { what: 'seal'; t: string }
  /** Lines behind this one are of another session, which is opened when it is new. */
  | { what: 'session'; name: string; t: string | undefined; fields: JsonObject }
  /** The session is closed. */
  | { what: 'close'; t: string }
  /** A record of the relay about itself, in its chain of that vantage. */
  | { what: 'relay'; vantage: Vantage; kind: string; t: string; fields: JsonObject }
  /** A record of the collector about the session, in its `sup` chain. */
  | { what: 'collector'; kind: string; t: string; fields: JsonObject };

const READERS: Record<LogLine['what'], (rest: string) => LogLine> = {
  seal: (rest) => ({ what: 'seal', t: nanosOf(rest) }),
  close: (rest) => ({ what: 'close', t: nanosOf(rest) }),
  session: (rest) => {
    const [name, more] = split(rest);
    const [seconds, fields] = split(more);
    if (name === '') throw new Error('a session needs a name');
    if (seconds === '') return { what: 'session', name, t: undefined, fields: {} };
    return { what: 'session', name, t: nanosOf(seconds), fields: fields ? objectOf(fields) : {} };
  },
  relay: (rest) => {
    const [vantage, body] = split(rest);
    if (!isVantage(vantage)) throw new Error('no such vantage');
    return { what: 'relay', vantage, ...bodyOf(body, RELAY_KINDS) };
  },
  collector: (rest) => ({ what: 'collector', ...bodyOf(rest, COLLECTOR_KINDS) }),
};
export const LOG_LINES = Object.keys(READERS);
/** Of the relay's own records, and of those of the collector beside `open`, `join` and `close`. */
const RELAY_KINDS = ['hello', 'heartbeat', 'drop', 'gap', 'bye'].map((name) => `telemetry.${name}`);
const COLLECTOR_KINDS = ['end', 'broken', 'conflict'];

/** `undefined` for what an emitter has written. Throws for a malformed line. */
export function logLine(line: string): LogLine | undefined {
  const [name, rest] = split(line);
  return Object.hasOwn(READERS, name) ? READERS[name as LogLine['what']](rest) : undefined;
}

function bodyOf(text: string, kinds: string[]) {
  const { kind, t, ...fields } = objectOf(text);
  if (typeof kind !== 'string' || !kinds.includes(kind)) {
    throw new Error(`kind is not one of ${kinds.join(', ')}`);
  }
  if (typeof t !== 'string' || !/^\d{16,19}$/.test(t)) throw new Error('t is no time');
  if ('source' in fields && kind !== 'telemetry.gap') throw new Error('a relay has no source');
  return { kind, t, fields };
}

function objectOf(text: string): JsonObject {
  const value: unknown = JSON.parse(text);
  if (!isObject(value)) throw new Error('not a JSON object');
  return value;
}

export function split(line: string): [string, string] {
  const space = line.indexOf(' ');
  return space < 0 ? [line, ''] : [line.slice(0, space), line.slice(space + 1)];
}

/** `1795425180.25` as unix nanoseconds. */
export function nanosOf(seconds: string): string {
  if (!/^\d{1,10}(\.\d{1,9})?$/.test(seconds)) throw new Error('no time in seconds');
  const [whole = '', part = ''] = seconds.split('.');
  return `${whole}${part.padEnd(9, '0')}`;
}
