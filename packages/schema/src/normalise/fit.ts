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
    let over = sizeOf(made) - NORMALISED_BYTES_MAX;
    // Thousands of small members go in a few rounds: the whole is not written anew for each.
    const members = over > 0 ? bySize(rest) : [];
    for (let at = 0; over > 0 && at < members.length; ) {
      while (over > 0 && at < members.length) {
        const { name, bytes } = members[at++]!;
        delete rest[name];
        facts.cut(name);
        over -= bytes;
      }
      made = finish(rest);
      over = sizeOf(made) - NORMALISED_BYTES_MAX;
    }
    if (over <= 0) break;
  }
  return made;
}

/** The largest first, each with its name and a comma. */
function bySize(members: JsonObject): { name: string; bytes: number }[] {
  return Object.entries(members)
    .map(([name, value]) => ({ name, bytes: sizeOf(value) + Buffer.byteLength(name) + 4 }))
    .sort((a, b) => b.bytes - a.bytes);
}

function sizeOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}
