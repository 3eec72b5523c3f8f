/** Reads objects whose members are known beforehand, and counts. */
import { RECORD_INTEGER_MAX } from '@vitrine/schema/record';
import type { JsonCursor } from './cursor.ts';

/** The members an object of one kind has, each with what reads it into `T`. */
export interface Shape<T> {
  what: string;
  names: string[];
  readers: ((c: JsonCursor, target: T) => void)[];
  /** One bit for each name that may not be missing. */
  required: number;
}

export function shapeOf<T>(
  what: string,
  members: Record<string, (c: JsonCursor, target: T) => void>,
  optional: string[] = [],
): Shape<T> {
  const names = Object.keys(members);
  const bits = names.map((name, i) => (optional.includes(name) ? 0 : 1 << i));
  return { what, names, readers: Object.values(members), required: sum(bits) };
}

/** Reads an object that has exactly the members of the shape, each once, in any order. */
export function readMembers<T>(c: JsonCursor, shape: Shape<T>, target: T): T {
  let seen = 0;
  c.expect('{');
  if (!c.take('}')) {
    do {
      const i = shape.names.indexOf(c.string());
      if (i < 0) throw c.malformed(`a member that no ${shape.what} has`);
      const bit = 1 << i;
      if ((seen & bit) !== 0) throw c.malformed('a member that is there twice');
      seen |= bit;
      c.expect(':');
      shape.readers[i]!(c, target);
    } while (c.take(','));
    c.expect('}');
  }
  if ((seen & shape.required) !== shape.required) {
    throw c.malformed(`a ${shape.what} that lacks a member`);
  }
  return target;
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, n) => total + n, 0);
}

export function readCount(c: JsonCursor): number {
  c.peek();
  const value = c.integer();
  if (value < 0 || value > RECORD_INTEGER_MAX) throw c.malformed('a number out of range');
  return value;
}

/** Calls `readItem` at the beginning of each item; returns where the array is, and its length. */
export function readArray(c: JsonCursor, readItem: () => void): { at: number; count: number } {
  c.peek();
  const { at } = c;
  let count = 0;
  for (const _ of eachItem(c)) {
    readItem();
    count++;
  }
  return { at, count };
}

/** Yields at the beginning of each item of an array, which must be read before going on. */
export function* eachItem(c: JsonCursor): Generator<void, void, undefined> {
  c.expect('[');
  if (c.take(']')) return;
  do yield;
  while (c.take(','));
  c.expect(']');
}

/**
 * Yields each key of an object, at the beginning of its value, which must be read before going on.
 */
export function* eachMember(c: JsonCursor): Generator<string, void, undefined> {
  c.expect('{');
  if (c.take('}')) return;
  const seen = new Set<string>();
  do {
    const name = c.string();
    if (seen.has(name)) throw c.malformed('a member that is there twice');
    seen.add(name);
    c.expect(':');
    yield name;
  } while (c.take(','));
  c.expect('}');
}
