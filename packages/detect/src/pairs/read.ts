/**
 * `x-vitrine.absence` and `x-vitrine.join`: a rule about two records of one session. What the rule
 * selects is compared with what `of` selects, by the events' own times: `absence` finds the record
 * that has no partner, `join` the one that has. Unknown members are refused.
 */
import { DETECT_LATENESS_MS, DETECT_WINDOW_MS_MAX, type Json } from '@vitrine/schema';
import { compileDetection } from '../compile.ts';
import { durationOf } from '../duration.ts';
import { invalid } from '../error.ts';
import { isOfKinds, kindsOfCategory } from '../metadata.ts';
import type { Predicate } from '../value.ts';
import { type EventView, type FieldReader, fieldReader } from '../view.ts';

export interface Pairing {
  /** Whether the partner that is missing makes the alert, or the one that is there. */
  fires: 'missing' | 'found';
  /** Whether a record of this kind can be a partner, or end one. */
  concerns: (kind: string) => boolean;
  of: Predicate;
  /** A partner lasts until such a record with the same `pair`. */
  until: Predicate | undefined;
  pair: FieldReader;
  /** Members that have to be equal on both sides. */
  on: { own: FieldReader; other: FieldReader }[];
  /** How far a partner may lie before the record, and behind it. */
  beforeMs: number;
  afterMs: number;
  /** How long a partner may be on its way. */
  lateMs: number;
  /** How long the record (with `until`: the end of a partner) had lasted, by its own word. */
  lastedMs: (view: EventView) => number;
  /** `lasted` is given: a record may look back over the longest window. */
  looksBack: boolean;
  /**
   * A record of the source whose silence is asked about: from then on the rule is awake. Without,
   * it is a partner.
   */
  heard: Predicate | undefined;
  /** Names of that source in the session's `expected`. */
  sources: string[];
}

type Members = Record<string, unknown>;

export function readPairing(absence: unknown, join: unknown): Pairing | undefined {
  if (absence === undefined && join === undefined) return undefined;
  if (absence !== undefined && join !== undefined) {
    throw invalid('x-vitrine: a rule has absence or join, not both');
  }
  const name = absence === undefined ? 'x-vitrine.join' : 'x-vitrine.absence';
  const members = mapOf(absence ?? join, name);
  const { of, until, pair, on, categories, heard, sources, ...times } = members;
  const { before, after, late, lasted, ...rest } = times;
  const unknown = Object.keys(rest)[0];
  if (unknown !== undefined) throw invalid(`${name}.${unknown} is not known`);
  if ((until === undefined) !== (pair === undefined)) {
    throw invalid(`${name}: until and pair need each other`);
  }
  return {
    fires: absence === undefined ? 'found' : 'missing',
    concerns: concernOf(categories, name),
    of: compile(of, `${name}.of`),
    until: until === undefined ? undefined : compile(until, `${name}.until`),
    pair: fieldReader(textOf(pair ?? 'session', `${name}.pair`)),
    on: readOn(on, name),
    beforeMs: windowOf(before, `${name}.before`),
    afterMs: windowOf(after, `${name}.after`),
    lateMs: late === undefined ? DETECT_LATENESS_MS : windowOf(late, `${name}.late`),
    lastedMs: lasted === undefined ? () => 0 : lastedOf(textOf(lasted, `${name}.lasted`)),
    looksBack: lasted !== undefined && until === undefined,
    heard: heard === undefined ? undefined : compile(heard, `${name}.heard`),
    sources: textsOf(sources, `${name}.sources`),
  };
}

function compile(detection: unknown, name: string): Predicate {
  return compileDetection(mapOf(detection, name)).matches;
}

function concernOf(categories: unknown, name: string): (kind: string) => boolean {
  const names = textsOf(categories, `${name}.categories`);
  if (names.length === 0) return () => true;
  const kinds = names.flatMap(kindsOfCategory);
  return (kind) => isOfKinds(kind, kinds);
}

/** `{own member: member of the partner}`. */
function readOn(on: unknown, name: string): Pairing['on'] {
  return Object.entries(mapOf(on ?? {}, `${name}.on`)).map(([own, other]) => {
    return { own: fieldReader(own), other: fieldReader(textOf(other, `${name}.on.${own}`)) };
  });
}

function windowOf(value: unknown, name: string): number {
  if (value === undefined) return 0;
  const ms = durationOf(value, name);
  if (ms <= DETECT_WINDOW_MS_MAX) return ms;
  throw invalid(`${name} is longer than ${DETECT_WINDOW_MS_MAX / 60_000}m`);
}

/** A length a source claims is believed up to the longest window. */
function lastedOf(name: string): Pairing['lastedMs'] {
  const read = fieldReader(name);
  return (view) => {
    const ms: Json | undefined = read(view);
    return typeof ms === 'number' && ms > 0 ? Math.min(ms, DETECT_WINDOW_MS_MAX) : 0;
  };
}

function mapOf(value: unknown, name: string): Members {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Members;
  throw invalid(`${name} is not a map`);
}

function textOf(value: unknown, name: string): string {
  if (typeof value === 'string' && value !== '') return value;
  throw invalid(`${name} is not a text`);
}

function textsOf(value: unknown, name: string): string[] {
  const list = value ?? [];
  if (Array.isArray(list) && list.every((item) => typeof item === 'string' && item !== '')) {
    return list;
  }
  throw invalid(`${name} is not a list of texts`);
}
