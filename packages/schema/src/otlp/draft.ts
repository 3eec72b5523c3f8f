/**
 * The fields and parts of one event while they are made from attributes: what log records and
 * spans have in common. Attributes become members or parts of their own; whoever fills the draft
 * keeps the original in part `otlp` when something did not fit.
 */
import type { SandboxEvent } from '../event.ts';
import type { JsonObject } from '../json.ts';
import { OTLP_ATTRIBUTES_MAX } from '../limits.ts';
import { FieldTree } from './fields.ts';
import { type AnyValue, type KeyValue, OtlpMap } from './model.ts';
import {
  betterClaim,
  type Claim,
  isSession,
  type Origin,
  SESSION_KEYS,
  sourceOf,
} from './origin.ts';
import { PartSet } from './part-set.ts';

export const PART_PREFIX = 'vitrine.part.';
/** Where a record stands in the log that it is a page of: nothing of the record itself. */
export const INTEGRITY_PREFIX = 'vitrine.integrity.';
export const SHIM_SEQUENCE = 'vitrine.shim.seq';
const TRACE_ID = /^[0-9a-f]{32}$/;
const SPAN_ID = /^[0-9a-f]{16}$/;

/** What a record says about itself under names that several dialects share. */
export interface Names {
  claim: Claim | undefined;
  sequence: number | undefined;
  shimSequence: number | undefined;
  eventName: string;
}

export function readNames(attributes: KeyValue[]): Names {
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

function isEmpty(value: AnyValue): boolean {
  return value instanceof OtlpMap && value.entries.length === 0;
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

export class EventDraft {
  /** False from the time something was said that is in no member and in no part of its own. */
  whole = true;
  /** Names of the parts that hold an attribute's value, by its place. */
  moved: Map<number, string> | undefined;
  readonly #tree = new FieldTree();
  readonly #parts = new PartSet();
  readonly #origin: Origin;
  readonly #said: Names;
  readonly #source: JsonObject = {};
  /** Of a page of another log: its record has the member, even if nothing is in it. */
  #saysSource = false;

  constructor(origin: Origin, said: Names) {
    this.#origin = origin;
    this.#said = said;
    // Before any attribute, so that none can take its place.
    this.#tree.fields.source = this.#source;
    if (origin.shim !== undefined) this.#source.shim = origin.shim;
    if (said.shimSequence !== undefined) this.#source.seq = said.shimSequence;
  }

  takeAttributes(attributes: KeyValue[]): void {
    const count = Math.min(attributes.length, OTLP_ATTRIBUTES_MAX);
    if (attributes.length > count) this.whole = false;
    for (let i = 0; i < count; i++) {
      const { key, value } = attributes[i]!;
      if (!this.#take(i, key, value)) this.whole = false;
    }
  }

  /** What a record says beside its attributes; one that has a member's name already keeps it. */
  say(name: string, value: AnyValue): void {
    if (this.#tree.set(name, value) !== 'placed') this.whole = false;
  }

  /** The place in a trace; ids are lower-case hex and empty when there is none. */
  place(traceId: string, spanId: string, flags: number): void {
    if (traceId !== '') this.#identify('trace.id', traceId, TRACE_ID);
    if (spanId !== '') this.#identify('span.id', spanId, SPAN_ID);
    if (flags !== 0) this.say('trace.flags', flags);
  }

  parent(spanId: string): void {
    if (spanId !== '') this.#identify('span.parent_id', spanId, SPAN_ID);
  }

  /** Which of the ways its source has of saying things this came by. */
  nameSignal(signal: string): void {
    this.#source.signal = signal;
  }

  /** `event`: the record's own name, cut to what a list can show. */
  keepOriginal(event: string, original: Buffer): void {
    Object.assign(this.#source, sourceOf(this.#origin, event));
    // Of a record of another log that did not fit, its own original keeps its name.
    if (!this.#parts.add('otlp', original)) this.#parts.add('otlp.replayed', original);
  }

  finish(kind: string, t: string): SandboxEvent {
    this.#parts.noteCuts(this.#source);
    const isSaid = !this.#origin.replayed || this.#saysSource;
    if (!isSaid && Object.keys(this.#source).length === 0) delete this.#tree.fields.source;
    const event: SandboxEvent = { kind, t, fields: this.#tree.fields, parts: this.#parts.parts };
    const session = betterClaim(this.#said.claim, this.#origin.session)?.session;
    if (session !== undefined) event.session = session;
    if (this.#said.sequence !== undefined) event.sequence = this.#said.sequence;
    return event;
  }

  /** False when the attribute is not, or not wholly, in a member or a part of its own. */
  #take(i: number, key: string, value: AnyValue): boolean {
    if (key === SHIM_SEQUENCE && value === this.#said.shimSequence) return true;
    if (key === 'session.id' && value === this.#said.claim?.session) return true;
    if (this.#origin.replayed) {
      if (key.startsWith(INTEGRITY_PREFIX)) return true;
      if (key === 'source' && isEmpty(value)) {
        this.#saysSource = true;
        return true;
      }
    }
    if (key.startsWith(PART_PREFIX)) return this.move(i, key.slice(PART_PREFIX.length), value);
    const outcome = this.#tree.set(key, value);
    if (outcome === 'large') return this.move(i, key.toLowerCase(), value);
    return outcome === 'placed';
  }

  /** The value of the attribute at `i` becomes a part; false when it cannot. */
  move(i: number, name: string, value: AnyValue): boolean {
    // `otlp` is where the original goes if anything else does not fit.
    if (name === 'otlp' && !this.#origin.replayed) return false;
    if (typeof value !== 'string' && !(value instanceof Uint8Array)) return false;
    // A copy: a view would keep the whole request alive for as long as the part.
    const data = typeof value === 'string' ? Buffer.from(value) : Buffer.from(value);
    if (!this.#parts.add(name, data)) return false;
    this.moved ??= new Map();
    this.moved.set(i, name);
    return true;
  }

  #identify(name: string, id: string, form: RegExp): void {
    if (form.test(id)) this.say(name, id);
    else this.whole = false;
  }
}
