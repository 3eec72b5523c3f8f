/**
 * `x-vitrine.absence` and `x-vitrine.join`: a rule about two records of one session. What the rule
 * selects is compared with what `of` selects, by the events' own times: `absence` finds the record
 * that has no partner, `join` the one that has. Unknown members are refused.
 */
import { DETECT_LATENESS_MS, DETECT_WINDOW_MS_MAX, type Json } from '@vitrine/schema';
import { durationOf } from '../duration.ts';
import { invalid } from '../error.ts';
import { type KindSet, kindSet, meetOf, unionOf } from '../kinds.ts';
import { detectionOf, mapOf, nameOf, namesOf, noMore } from '../members.ts';
import { NO_KINDS, type Primitive } from '../memory/primitive.ts';
import { kindsOfCategory } from '../metadata.ts';
import type { Predicate } from '../value.ts';
import { type EventView, type FieldReader, fieldReader, membersBehind } from '../view.ts';
import { PairWatch } from './watch.ts';

export interface Pairing {
  /** Whether the partner that is missing makes the alert, or the one that is there. */
  fires: 'missing' | 'found';
  /** Kinds of records that can be a partner, end one, or be heard. */
  kinds: KindSet;
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

export function readAbsence(value: unknown): Primitive {
  return primitiveOf(readPairing(value, 'missing', 'x-vitrine.absence'));
}

export function readJoin(value: unknown): Primitive {
  return primitiveOf(readPairing(value, 'found', 'x-vitrine.join'));
}

function primitiveOf(pairing: Pairing): Primitive {
  const { kinds } = pairing;
  return {
    kinds,
    make: (selects, shown) => new PairWatch(pairing, selects, membersBehind(shown)),
  };
}

export function readPairing(value: unknown, fires: Pairing['fires'], name: string): Pairing {
  const members = mapOf(value, name);
  const { of, until, pair, on, categories, heard, sources, ...times } = members;
  const { before, after, late, lasted, ...rest } = times;
  noMore(rest, name);
  if ((until === undefined) !== (pair === undefined)) {
    throw invalid(`${name}: until and pair need each other`);
  }
  const partner = detectionOf(of, `${name}.of`);
  const end = until === undefined ? undefined : detectionOf(until, `${name}.until`);
  const hearing = heard === undefined ? undefined : detectionOf(heard, `${name}.heard`);
  const heardOf = unionOf([partner, end, hearing].map((one) => (one ? one.kinds : NO_KINDS)));
  return {
    fires,
    kinds: meetOf([categoriesOf(categories, name), heardOf]),
    of: partner.matches,
    until: end?.matches,
    pair: fieldReader(nameOf(pair ?? 'session', `${name}.pair`)),
    on: readOn(on, `${name}.on`),
    beforeMs: windowOf(before, `${name}.before`),
    afterMs: windowOf(after, `${name}.after`),
    lateMs: late === undefined ? DETECT_LATENESS_MS : windowOf(late, `${name}.late`),
    lastedMs: lasted === undefined ? () => 0 : lastedOf(nameOf(lasted, `${name}.lasted`)),
    looksBack: lasted !== undefined && until === undefined,
    heard: hearing?.matches,
    sources: namesOf(sources, `${name}.sources`),
  };
}

function categoriesOf(categories: unknown, name: string): KindSet {
  const names = namesOf(categories, `${name}.categories`);
  return names.length === 0 ? undefined : kindSet(names.flatMap(kindsOfCategory));
}

/** `{own member: member of the partner}`. */
function readOn(on: unknown, name: string): Pairing['on'] {
  return Object.entries(mapOf(on ?? {}, name)).map(([own, other]) => {
    return { own: fieldReader(own), other: fieldReader(nameOf(other, `${name}.${own}`)) };
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
