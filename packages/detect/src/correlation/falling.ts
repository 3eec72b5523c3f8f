/**
 * `x-vitrine.falling`: of the records of a window the newest have smaller numbers than the first,
 * by a share of their medians. Records without such a number are on neither side.
 */
import { DETECT_HELD_PER_GROUP_MAX, type JsonObject } from '@vitrine/schema';
import { invalid, tooLarge } from '../error.ts';
import { mapOf, nameOf, noMore, positiveOf } from '../members.ts';
import { type EventView, type FieldReader, fieldReader } from '../view.ts';
import type { Mark } from './marks.ts';
import { amountOf, nearestRank, shownNumber } from './measure.ts';

export interface Falling {
  field: string;
  /** So many of the first are compared with as many of the newest; none is on both sides. */
  first: number;
  /** The share of the first median that the newest one is smaller by, at least. */
  by: number;
}

/** What was found of a window. */
export interface Fall {
  /** Those that were compared, the first and the newest. */
  marks: Mark[];
  /** Both medians, as the alert may say them. */
  match: JsonObject;
}

const NAME = 'x-vitrine.falling';
const MEDIAN = 50;

export function readFalling(value: unknown): Falling {
  const { field, first, by, ...rest } = mapOf(value, NAME);
  noMore(rest, NAME);
  const falling = {
    field: nameOf(field, `${NAME}.field`),
    first: positiveOf(first, `${NAME}.first`),
    by: positiveOf(by, `${NAME}.by`),
  };
  if (!Number.isInteger(falling.first)) throw invalid(`${NAME}.first is not a whole number`);
  if (falling.by > 1) throw invalid(`${NAME}.by is not a share up to 1`);
  if (2 * falling.first < DETECT_HELD_PER_GROUP_MAX) return falling;
  throw tooLarge(
    `${NAME}.first: twice as many are beyond what is counted (${DETECT_HELD_PER_GROUP_MAX - 1})`,
  );
}

/** Reads the number whose fall is asked for. */
export function trendReader(falling: Falling | undefined): (view: EventView) => number | undefined {
  if (falling === undefined) return () => undefined;
  const read: FieldReader = fieldReader(falling.field);
  return (view) => {
    const value = amountOf(read(view));
    return Number.isFinite(value) ? value : undefined;
  };
}

/** `marks`: of a window, in the order of time. Undefined where the numbers did not fall so far. */
export function fallIn({ first: count, by }: Falling, marks: readonly Mark[]): Fall | undefined {
  // From both ends: of a window that is full of them most are never looked at.
  const first: Mark[] = [];
  let from = 0;
  for (; from < marks.length && first.length < count; from++) take(first, marks[from]!);
  const newest: Mark[] = [];
  for (let i = marks.length - 1; i >= from && newest.length < count; i--) take(newest, marks[i]!);
  if (newest.length < count) return undefined;
  const [before, after] = [medianOf(first), medianOf(newest)];
  // Of nothing, and of less, there is no share.
  if (before <= 0 || before - after < by * before) return undefined;
  const match = { median_first: shownNumber(before), median_newest: shownNumber(after) };
  return { marks: [...first, ...newest.reverse()], match };
}

function take(to: Mark[], mark: Mark): void {
  if (mark.trend !== undefined) to.push(mark);
}

function medianOf(marks: readonly Mark[]): number {
  return nearestRank(
    marks.map(({ trend }) => trend!),
    MEDIAN,
  );
}
