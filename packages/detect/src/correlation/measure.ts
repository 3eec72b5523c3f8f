/** The number that a counting correlation compares, over the records of one window. */
import type { FieldReader } from '../view.ts';
import { type EventView, heldText } from '../view.ts';
import type { Mark } from './marks.ts';
import type { Counting, Operator, Threshold } from './read.ts';

/** Reads what a record adds to the count; undefined for one that has no such value. */
export function valueReader(
  type: Counting,
  readers: readonly FieldReader[],
): (view: EventView) => string | number | undefined {
  if (type === 'event_count') return () => 0;
  if (type === 'value_count') return (view) => distinctOf(view, readers);
  const read = readers[0]!;
  return (view) => amountOf(read(view));
}

function distinctOf(view: EventView, readers: readonly FieldReader[]): string | undefined {
  const values = readers.map((read) => read(view));
  if (values.some((value) => value === undefined || value === null)) return undefined;
  const [first] = values;
  // Without regard to case, as rules compare texts.
  const text = values.length === 1 && typeof first === 'string' ? first : JSON.stringify(values);
  return heldText(text.toLowerCase());
}

/** Records carry fractions and large integers as decimal text. */
export function amountOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || !/^-?\d{1,64}(?:\.\d{1,64})?$/.test(value)) return undefined;
  return Number(value);
}

export function measure(type: Counting, marks: readonly Mark[], percentile: number): number {
  switch (type) {
    case 'event_count':
      return marks.length;
    case 'value_count':
      return new Set(marks.map(({ value }) => value)).size;
    case 'value_sum':
      return sumOf(marks);
    case 'value_avg':
      return sumOf(marks) / marks.length;
    case 'value_percentile':
      return nearestRank(
        marks.map(({ value }) => value as number),
        percentile,
      );
  }
}

/** Always in the order of the records: sums of fractions depend on it. */
function sumOf(marks: readonly Mark[]): number {
  let sum = 0;
  for (const { value } of marks) sum += value as number;
  return sum;
}

/** The smallest value that at least so many of a hundred do not exceed. */
export function nearestRank(values: readonly number[], percentile: number): number {
  return rankIn(Float64Array.from(values).sort(), percentile);
}

/** The same of values in their order. */
export function rankIn(sorted: ArrayLike<number>, percentile: number): number {
  return sorted[Math.max(0, Math.ceil((percentile / 100) * sorted.length) - 1)]!;
}

const HOLDS: Record<Operator, (measured: number, value: number) => boolean> = {
  gt: (measured, value) => measured > value,
  gte: (measured, value) => measured >= value,
  lt: (measured, value) => measured < value,
  lte: (measured, value) => measured <= value,
  eq: (measured, value) => measured === value,
  neq: (measured, value) => measured !== value,
};

export function holds({ tests }: Threshold, measured: number): boolean {
  return tests.every(({ operator, value }) => HOLDS[operator](measured, value));
}

/** Fractions travel as text in records. */
export function shownNumber(value: number): number | string {
  return Number.isSafeInteger(value) ? value : String(value);
}
