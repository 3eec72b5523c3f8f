/**
 * A contract server of Splunk's HTTP Event Collector. Rules are those of the pages "Format events
 * for HTTP Event Collector", "Troubleshoot HTTP Event Collector" and "About HTTP Event Collector
 * Indexer Acknowledgment". Stricter than Splunk where a slip would be swallowed in silence: it
 * wants `application/json`, seconds as a number, and no member that the envelope does not have.
 */
import { readHecBody } from './hec-body.ts';
import {
  type Call,
  isRecord,
  mediaType,
  parsed,
  Receiver,
  type Reply,
  unpacked,
} from './receiver.ts';
import { SPLUNK_NOT_FOUND, splunkAnswer, splunkRefusal } from './splunk-answers.ts';

export interface SplunkToken {
  /** Indexes the token may write to; the first takes events that name none. */
  indexes: string[];
  disabled?: boolean;
  /** Indexer acknowledgement, which is a property of the token. */
  ack?: boolean;
}

export interface SplunkOptions {
  tokens: Record<string, SplunkToken>;
  /** `max_content_length` of limits.conf; Splunk Cloud advises about 1 MB. */
  bodyBytesMax?: number;
  /** How often `ack` answers `false` about a request before its events are indexed. */
  pollsUntilIndexed?: number;
  /** Requests of one channel that may wait for their acknowledgement: above it code 27. */
  pendingMax?: number;
  /**
   * What becomes of the events before an invalid one. No page says; moby#35862 saw them indexed,
   * other receivers of this protocol drop them. A sender must bear both.
   */
  beforeInvalid?: 'dropped' | 'kept';
}

export interface SplunkEvent {
  token: string;
  index: string;
  envelope: Record<string, unknown>;
}

interface Pending {
  polls: number;
  lost: boolean;
}

const EVENT_PATHS = ['/services/collector', '/services/collector/event'].flatMap((path) => [
  path,
  `${path}/1.0`,
]);
const RAW_PATHS = ['/services/collector/raw', '/services/collector/raw/1.0'];
const ENVELOPE = ['time', 'host', 'source', 'sourcetype', 'index', 'event', 'fields'];
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** Later than the year 5000 in seconds: somebody sent milliseconds. */
const SECONDS_MAX = 1e11;

export class SplunkReceiver extends Receiver {
  readonly #options: Required<SplunkOptions>;
  readonly #channels = new Map<string, Map<number, Pending>>();
  readonly #nextAck = new Map<string, number>();
  protected readonly bodyBytesMax: number;
  /** A 200 comes before indexing: events may be lost after it, and only `ack` would tell. */
  protected readonly hidesFailures = true;
  /** What was indexed, in order. Nothing is ever recognised as a repeat. */
  readonly events: SplunkEvent[] = [];
  healthy = true;
  #busyAfter: number | undefined;

  private constructor(options: SplunkOptions) {
    super();
    this.#options = {
      bodyBytesMax: 1_000_000,
      pollsUntilIndexed: 1,
      pendingMax: 1_000_000,
      beforeInvalid: 'kept',
      ...options,
    };
    this.bodyBytesMax = this.#options.bodyBytesMax;
  }

  static start(options: SplunkOptions): Promise<SplunkReceiver> {
    return new SplunkReceiver(options).listen();
  }

  /**
   * The next request to bring more events is answered 503 after so many, which are indexed
   * (opentelemetry-collector-contrib#36113 shows such an answer).
   */
  busyAfter(events: number): void {
    this.#busyAfter = events;
  }

  /** As a restart does, or a load balancer that sends the poll to another indexer. */
  forgetAcks(): void {
    this.#channels.clear();
  }

  protected refusal(status: number, _path: string, code?: number): Reply {
    return splunkRefusal(status, code);
  }

  protected answer(call: Call, lost: boolean): Reply {
    const { method, path } = call;
    if (path === '/services/collector/health' && method === 'GET') {
      return splunkAnswer(this.healthy ? 17 : 18);
    }
    const known = [...EVENT_PATHS, ...RAW_PATHS, '/services/collector/ack'].includes(path);
    if (!known || method !== 'POST') return SPLUNK_NOT_FOUND;
    const name = this.#authorised(call);
    if (typeof name !== 'string') return name;
    const token = this.#options.tokens[name]!;
    if (path === '/services/collector/ack') return this.#acknowledge(call, token);
    const channel = channelOf(call);
    const needsChannel = token.ack === true || RAW_PATHS.includes(path);
    if (needsChannel && channel === undefined) return splunkAnswer(10);
    if (channel !== undefined && !GUID.test(channel)) return splunkAnswer(11);
    if (token.ack === true && this.#pendingOf(channel!).size >= this.#options.pendingMax) {
      return splunkAnswer(27);
    }
    const refused = this.#take(call, name, token, lost);
    if (refused !== undefined) return refused;
    return token.ack === true ? this.#ticket(channel!, lost) : splunkAnswer(0);
  }

  /** The token is judged before channel and body, in this order. */
  #authorised({ headers, query }: Call): string | Reply {
    const { authorization } = headers;
    const queried = query.get('token');
    if (authorization === undefined && queried === null) return splunkAnswer(2);
    const match = /^Splunk (\S+)$/.exec(authorization ?? `Splunk ${queried}`);
    if (match === null) return splunkAnswer(3);
    const name = match[1]!;
    const token = Object.hasOwn(this.#options.tokens, name) && this.#options.tokens[name];
    if (!token) return splunkAnswer(4);
    if (token.disabled === true) return splunkAnswer(1);
    return queried === null ? name : splunkAnswer(16);
  }

  /** Takes what is in order; the refusal otherwise. */
  #take(call: Call, name: string, token: SplunkToken, lost: boolean): Reply | undefined {
    const body = unpacked(call, this.bodyBytesMax);
    if (body === 'encoding') return splunkRefusal(415);
    if (body === 'large') return splunkRefusal(413);
    if (body === 'garbled') return splunkAnswer(6);
    const text = body.toString('utf8');
    if (text.trim() === '') return splunkAnswer(5);
    if (RAW_PATHS.includes(call.path)) {
      const index = call.query.get('index') ?? token.indexes[0]!;
      if (!token.indexes.includes(index)) return splunkAnswer(7);
      const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
      const raw = lines.map((event) => ({ event, index }));
      if (!lost) this.#index(name, token, raw);
      return undefined;
    }
    if (mediaType(call) !== 'application/json') return splunkRefusal(415);
    const { events, brokenAt } = readHecBody(text);
    const invalid = events.findIndex((event) => envelopeCode(event, token) !== undefined);
    const at = invalid === -1 ? brokenAt : invalid;
    const busy = at === undefined ? this.#growsBusy(events.length) : undefined;
    const keeps = at === undefined || this.#options.beforeInvalid === 'kept';
    if (keeps && !lost) this.#index(name, token, events.slice(0, busy ?? at));
    if (busy !== undefined) return splunkAnswer(9, { 'invalid-event-number': busy });
    if (at === undefined) return undefined;
    const code = invalid === -1 ? 6 : envelopeCode(events[at]!, token)!;
    // Counted from 0, but for code 7, where a single event is reported as number 1.
    return splunkAnswer(code, { 'invalid-event-number': code === 7 ? at + 1 : at });
  }

  #growsBusy(events: number): number | undefined {
    const limit = this.#busyAfter;
    if (limit === undefined || events <= limit) return undefined;
    this.#busyAfter = undefined;
    return limit;
  }

  #index(token: string, { indexes }: SplunkToken, envelopes: Record<string, unknown>[]): void {
    for (const envelope of envelopes) {
      const index = typeof envelope.index === 'string' ? envelope.index : indexes[0]!;
      this.events.push({ token, index, envelope });
    }
  }

  #pendingOf(channel: string): Map<number, Pending> {
    const known = this.#channels.get(channel) ?? new Map<number, Pending>();
    this.#channels.set(channel, known);
    return known;
  }

  /** One `ackId` for a request, counted from 0 in each channel. */
  #ticket(channel: string, lost: boolean): Reply {
    const ackId = this.#nextAck.get(channel) ?? 0;
    this.#nextAck.set(channel, ackId + 1);
    this.#pendingOf(channel).set(ackId, { polls: 0, lost });
    return splunkAnswer(0, { ackId });
  }

  /** `false` is pending, lost and unknown alike; `true` is said once and then forgotten. */
  #acknowledge(call: Call, token: SplunkToken): Reply {
    if (token.ack !== true) return splunkAnswer(14);
    const channel = channelOf(call);
    if (channel === undefined) return splunkAnswer(10);
    if (!GUID.test(channel)) return splunkAnswer(11);
    const body = parsed(call.sent);
    const acks = isRecord(body) ? body.acks : undefined;
    if (!Array.isArray(acks) || !acks.every(Number.isInteger)) return splunkAnswer(6);
    const states = acks.map((id: number) => [id, this.#indexed(channel, id)]);
    return {
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ acks: Object.fromEntries(states) as Record<string, boolean> }),
    };
  }

  #indexed(channel: string, id: number): boolean {
    const pending = this.#pendingOf(channel).get(id);
    if (pending === undefined) return false;
    pending.polls += 1;
    if (pending.lost || pending.polls <= this.#options.pollsUntilIndexed) return false;
    return this.#pendingOf(channel).delete(id);
  }
}

function channelOf({ headers, query }: Call): string | undefined {
  const header = headers['x-splunk-request-channel'];
  return (typeof header === 'string' ? header : query.get('channel')) ?? undefined;
}

/** The code an event is refused with, or `undefined`. */
function envelopeCode(event: Record<string, unknown>, token: SplunkToken): number | undefined {
  const { time, index, fields } = event;
  if (event.event === undefined || event.event === null) return 12;
  if (event.event === '') return 13;
  if (Object.keys(event).some((key) => !ENVELOPE.includes(key))) return 6;
  if (time !== undefined && !(typeof time === 'number' && time > 0 && time < SECONDS_MAX)) return 6;
  if (index !== undefined && !token.indexes.includes(index as string)) return 7;
  if (fields === undefined) return undefined;
  if (!isRecord(fields)) return 6;
  return Object.values(fields).every(isFlat) ? undefined : 15;
}

/** Indexed fields are flat: texts, or lists of texts. */
function isFlat(value: unknown): boolean {
  const items = Array.isArray(value) ? value : [value];
  return items.every((item) => typeof item === 'string');
}
