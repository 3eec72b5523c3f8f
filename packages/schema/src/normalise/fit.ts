/** Keeps a normalised record within its size: what no field took goes first, then texts shrink. */
import type { JsonObject } from '../json.ts';
import { NORMALISED_BYTES_MAX, NORMALISED_LIST_MAX, NORMALISED_TEXT_CHARS_MAX } from '../limits.ts';
import type { LogEntry } from './entry.ts';
import { Facts, type Room } from './facts.ts';

/** Each step a quarter of the one before. With the last one every dialect fits. */
const ROOMS: Room[] = [1, 4, 16, 64].map((part) => ({
  text: NORMALISED_TEXT_CHARS_MAX / part,
  list: NORMALISED_LIST_MAX / Math.min(part, 16),
}));

/** `build` makes the whole from its facts; `rest` is what no field of the dialect has taken. */
export function fitted(
  entry: LogEntry,
  build: (facts: Facts) => (rest: JsonObject) => JsonObject,
): JsonObject {
  let made: JsonObject = {};
  for (const room of ROOMS) {
    const facts = new Facts(entry, room);
    const finish = build(facts);
    const rest = facts.rest();
    made = finish(rest);
    for (const name of bySize(rest)) {
      if (sizeOf(made) <= NORMALISED_BYTES_MAX) break;
      delete rest[name];
      facts.cut(name);
      made = finish(rest);
    }
    if (sizeOf(made) <= NORMALISED_BYTES_MAX) break;
  }
  return made;
}

function bySize(members: JsonObject): string[] {
  const sizes = Object.entries(members).map(([name, value]) => ({ name, bytes: sizeOf(value) }));
  return sizes.sort((a, b) => b.bytes - a.bytes).map(({ name }) => name);
}

function sizeOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}
