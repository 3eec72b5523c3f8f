/**
 * One log record as an event. A record whose `eventName` is a kind of ours gets its attributes as
 * members; one of our own shims (resource attribute `vitrine.shim.name`) needs no part `otlp` then,
 * unless something in it could not become a member. Of any other record only its names are in the
 * clear: prompts and results stay in the part, where they can be redacted.
 */
import { EVENT_KINDS, type SandboxEvent } from '../event.ts';
import type { JsonObject } from '../json.ts';
import { OTLP_ATTRIBUTES_MAX } from '../limits.ts';
import { cutName, FieldTree } from './fields.ts';
import type { AnyValue, OtlpLogRecord } from './model.ts';
import {
  betterClaim,
  type Claim,
  isSession,
  type Origin,
  SESSION_KEYS,
  sourceOf,
} from './origin.ts';
import { PartSet } from './part-set.ts';
import { logRecordText } from './text.ts';

export const PART_PREFIX = 'vitrine.part.';
export const SHIM_SEQUENCE = 'vitrine.shim.seq';
const TRACE_ID = /^[0-9a-f]{32}$/;
const SPAN_ID = /^[0-9a-f]{16}$/;

/** `at` is the record's place in its group. */
export function logEvent(record: OtlpLogRecord, origin: Origin, at: number): SandboxEvent {
  const typed = EVENT_KINDS.has(record.eventName);
  const said = readNames(record);
  const draft = new Draft(record, origin, said);
  if (typed) draft.takeAttributes();
  if (!typed || !draft.whole || origin.shim === undefined) draft.keepOriginal(at);
  draft.noteCuts();
  const { timeUnixNano, observedTimeUnixNano } = record;
  const event: SandboxEvent = {
    kind: typed ? record.eventName : 'other',
    t: timeUnixNano === '0' ? observedTimeUnixNano : timeUnixNano,
    fields: draft.fields,
    parts: draft.parts.parts,
  };
  const session = betterClaim(said.claim, origin.session)?.session;
  if (session !== undefined) event.session = session;
  if (said.sequence !== undefined) event.sequence = said.sequence;
  return event;
}

/** What a record says about itself under names that several dialects share. */
interface Names {
  claim: Claim | undefined;
  sequence: number | undefined;
  shimSequence: number | undefined;
  eventName: string;
}

function readNames({ attributes }: OtlpLogRecord): Names {
  const names: Names = {
    claim: undefined,
    sequence: undefined,
    shimSequence: undefined,
    eventName: '',
  };
  for (const { key, value } of attributes) {
    if (key === 'event.sequence') names.sequence ??= countOf(value);
    else if (key === SHIM_SEQUENCE) names.shimSequence ??= countOf(value);
    else if (key === 'event.name') names.eventName ||= typeof value === 'string' ? value : '';
    else if (key.endsWith('.id')) {
      const rank = SESSION_KEYS.indexOf(key);
      const session = rank < 0 || !isScalar(value) ? '' : String(value);
      if (isSession(session)) names.claim = betterClaim(names.claim, { rank, session });
    }
  }
  return names;
}

function isScalar(value: AnyValue): value is string | number | bigint {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint';
}

function countOf(value: AnyValue): number | undefined {
  const number = typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && number >= 0 && Number.isSafeInteger(number)
    ? number
    : undefined;
}

/** `eventName`; else a body that is the event's own name, with or without its family; else that. */
function nameOf(record: OtlpLogRecord, eventName: string): string {
  if (record.eventName !== '') return record.eventName;
  const { body } = record;
  const named = typeof body === 'string' && (body === eventName || body.endsWith(`.${eventName}`));
  return named && eventName !== '' ? body : eventName;
}

class Draft {
  readonly fields: JsonObject;
  readonly parts = new PartSet();
  /** True when the members say all that the record says. */
  whole = false;
  readonly #tree = new FieldTree();
  readonly #record: OtlpLogRecord;
  readonly #origin: Origin;
  readonly #said: Names;
  readonly #source: JsonObject = {};
  /** Names of the parts that hold an attribute's value, by its place. */
  #moved: Map<number, string> | undefined;

  constructor(record: OtlpLogRecord, origin: Origin, said: Names) {
    this.#record = record;
    this.#origin = origin;
    this.#said = said;
    this.fields = this.#tree.fields;
    // Before any attribute, so that none can take its place.
    this.fields.source = this.#source;
    if (origin.shim !== undefined) this.#source.shim = origin.shim;
    if (said.shimSequence !== undefined) this.#source.seq = said.shimSequence;
  }

  takeAttributes(): void {
    const { attributes, traceId, spanId, flags } = this.#record;
    let whole = this.#isPlain() && attributes.length <= OTLP_ATTRIBUTES_MAX;
    const count = Math.min(attributes.length, OTLP_ATTRIBUTES_MAX);
    for (let i = 0; i < count; i++) {
      const { key, value } = attributes[i]!;
      whole = this.#take(i, key, value) && whole;
    }
    if (traceId !== '') whole = this.#identify('trace.id', traceId, TRACE_ID) && whole;
    if (spanId !== '') whole = this.#identify('span.id', spanId, SPAN_ID) && whole;
    if (flags !== 0) whole = this.#tree.set('trace.flags', flags) === 'placed' && whole;
    this.whole = whole;
  }

  keepOriginal(at: number): void {
    const event = cutName(nameOf(this.#record, this.#said.eventName));
    Object.assign(this.#source, sourceOf(this.#origin, event));
    const { context } = this.#origin;
    const { original } = this.#record;
    if (original === undefined) {
      const record = logRecordText(this.#record, this.#moved);
      this.parts.add('otlp', Buffer.from(`${context.before(at)}"logRecord":${record}}`));
    } else this.parts.add('otlp', context.around(at, original));
  }

  noteCuts(): void {
    this.parts.noteCuts(this.#source);
  }

  #isPlain(): boolean {
    const { body, severityNumber, severityText, droppedAttributesCount } = this.#record;
    return (
      body === null && severityNumber === 0 && severityText === '' && droppedAttributesCount === 0
    );
  }

  /** False when the attribute is not, or not wholly, in a member or a part of its own. */
  #take(i: number, key: string, value: AnyValue): boolean {
    if (key === SHIM_SEQUENCE && value === this.#said.shimSequence) return true;
    if (key === 'session.id' && value === this.#said.claim?.session) return true;
    if (key.startsWith(PART_PREFIX)) return this.#move(i, key.slice(PART_PREFIX.length), value);
    const outcome = this.#tree.set(key, value);
    if (outcome === 'large') return this.#move(i, key.toLowerCase(), value);
    return outcome === 'placed';
  }

  #move(i: number, name: string, value: AnyValue): boolean {
    // `otlp` is where the original goes if anything else does not fit.
    if (name === 'otlp') return false;
    if (typeof value !== 'string' && !(value instanceof Uint8Array)) return false;
    // A copy: a view would keep the whole request alive for as long as the part.
    const data = typeof value === 'string' ? Buffer.from(value) : Buffer.from(value);
    if (!this.parts.add(name, data)) return false;
    this.#moved ??= new Map();
    this.#moved.set(i, name);
    return true;
  }

  #identify(name: string, id: string, form: RegExp): boolean {
    return form.test(id) && this.#tree.set(name, id) === 'placed';
  }
}
