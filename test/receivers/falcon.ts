/**
 * A contract server of the HEC/HTTP Event Data Connector of CrowdStrike Falcon Next-Gen SIEM.
 * Address, bearer key and envelope: "Data Ingestion (HEC)" of developer.crowdstrike.com and the
 * `HEC` class of FalconPy. What becomes of an event: LogScale, "Ingesting with HTTP Event
 * Collector (HEC)" and "Limits and Standards", for the store is the same. CrowdStrike publishes
 * neither the words of a refusal nor a size of request, so those here are only plausible.
 */
import { readHecBody } from './hec-body.ts';
import {
  type Call,
  isRecord,
  json,
  mediaType,
  Receiver,
  type Reply,
  unpacked,
} from './receiver.ts';

export interface FalconOptions {
  /** Shown once when the connector is made. */
  key: string;
  /** Parsers that exist; the first is the one that the connector was given. */
  parsers?: string[];
  /** FalconPy cuts what it sends at this many characters; no page has a number. */
  bodyBytesMax?: number;
  /** LogScale's greatest event: above it the event is cut, not refused. */
  eventBytesMax?: number;
}

export interface FalconEvent {
  /** The parser that read it; `kv` when `sourcetype` names none that exists. */
  parser: string;
  /** `@timestamp`, unix milliseconds; `undefined` is the time of arrival. */
  timeMs: number | undefined;
  /** `@rawstring`. */
  raw: string;
  /** Extra fields. What is nested in them is dropped without a word. */
  fields: Record<string, unknown>;
  truncated: boolean;
}

const EVENT_PATH = '/services/collector';
const RAW_PATH = '/services/collector/raw';
const ENVELOPE = ['time', 'timezone', 'index', 'sourcetype', 'source', 'host', 'event', 'fields'];
const TEXTS: Record<number, string> = {
  400: 'Invalid data format',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not found',
  413: 'Request entity too large',
  415: 'Unsupported media type',
  429: 'Too many requests',
  500: 'Internal server error',
  503: 'Service unavailable',
};

export class FalconReceiver extends Receiver {
  readonly #options: Required<FalconOptions>;
  protected readonly bodyBytesMax: number;
  /** There is no acknowledgement to tell, and nothing documented that a 200 would hide. */
  protected readonly hidesFailures = false;
  /** What was stored, in order. Nothing is ever recognised as a repeat. */
  readonly events: FalconEvent[] = [];

  private constructor(options: FalconOptions) {
    super();
    this.#options = {
      parsers: ['json'],
      bodyBytesMax: 10_240_000,
      eventBytesMax: 1_000_000,
      ...options,
    };
    this.bodyBytesMax = this.#options.bodyBytesMax;
  }

  static start(options: FalconOptions): Promise<FalconReceiver> {
    return new FalconReceiver(options).listen();
  }

  protected refusal(status: number): Reply {
    return json(status, { text: TEXTS[status] ?? 'Error', code: status });
  }

  protected answer(call: Call): Reply {
    const { method, path, headers } = call;
    if (method !== 'POST' || (path !== EVENT_PATH && path !== RAW_PATH)) return this.refusal(404);
    if (headers.authorization !== `Bearer ${this.#options.key}`) return this.refusal(401);
    const body = unpacked(call, this.bodyBytesMax);
    if (body === 'encoding') return this.refusal(415);
    if (body === 'large') return this.refusal(413);
    if (body === 'garbled') return this.refusal(400);
    const text = body.toString('utf8');
    if (text.trim() === '') return this.refusal(400);
    if (path === RAW_PATH) {
      for (const line of text.split(/\r?\n/)) if (line !== '') this.#store({ event: line });
      return json(200, { text: 'Success', code: 0 });
    }
    if (mediaType(call) !== 'application/json') return this.refusal(415);
    const { events, brokenAt } = readHecBody(text);
    if (brokenAt !== undefined || !events.every(isEnvelope)) return this.refusal(400);
    for (const event of events) this.#store(event);
    return json(200, { text: 'Success', code: 0 });
  }

  #store(envelope: Record<string, unknown>): void {
    const { parsers, eventBytesMax } = this.#options;
    const { event, time, sourcetype, fields } = envelope;
    const parser = typeof sourcetype === 'string' ? sourcetype : parsers[0]!;
    const whole = typeof event === 'string' ? event : JSON.stringify(event);
    const truncated = Buffer.byteLength(whole) > eventBytesMax;
    const flat = Object.entries(isRecord(fields) && !truncated ? fields : {}).filter(
      ([, value]) => typeof value !== 'object',
    );
    this.events.push({
      parser: parsers.includes(parser) ? parser : 'kv',
      timeMs: time === undefined ? undefined : Math.floor(Number(time) * 1_000),
      raw: truncated ? `${cut(whole, eventBytesMax - 3)}...` : whole,
      fields: Object.fromEntries(flat),
      truncated,
    });
  }
}

/**
 * LogScale calls every member optional and ignores others; a connector of ours always has an event,
 * and a member that LogScale would ignore is a slip.
 */
function isEnvelope(event: Record<string, unknown>): boolean {
  if (event.event === undefined || event.event === null || event.event === '') return false;
  if (Object.keys(event).some((key) => !ENVELOPE.includes(key))) return false;
  const seconds = event.time === undefined ? 1 : Number(event.time);
  return seconds > 0 && seconds < 1e11;
}

function cut(text: string, bytes: number): string {
  return Buffer.from(text)
    .subarray(0, bytes)
    .toString('utf8')
    .replace(/\uFFFD$/, '');
}
