/** Reads objects whose members are known beforehand, and counts. */
import { RECORD_INTEGER_MAX } from '@vitrine/schema';
import type { JsonCursor } from './cursor.ts';

/** Reads an object that has exactly these members, each once; `optional` ones may be missing. */
export function readMembers(
  c: JsonCursor,
  what: string,
  optional: string[],
  members: Record<string, () => void>,
): void {
  const seen: string[] = [];
  c.expect('{');
  if (!c.take('}')) {
    do {
      const name = c.string();
      if (seen.includes(name)) throw c.malformed('a member that is there twice');
      if (!Object.hasOwn(members, name)) throw c.malformed(`a member that no ${what} has`);
      seen.push(name);
      c.expect(':');
      members[name]!();
    } while (c.take(','));
    c.expect('}');
  }
  for (const name of Object.keys(members)) {
    if (!seen.includes(name) && !optional.includes(name)) {
      throw c.malformed(`a ${what} without ${name}`);
    }
  }
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
