/** `group-by`: what records are counted together. Without it, those of one session. */
import { type EventView, type FieldReader, fieldReader, heldText } from '../view.ts';

const SESSION = 'session';

export interface Grouping {
  /** Fields whose values tell groups apart. */
  names: readonly string[];
  /** Its groups end with their session. */
  bySession: boolean;
  /** Undefined for a record that lacks one of the fields: it is in no group. */
  keyOf: (view: EventView) => string | undefined;
}

export function groupingBy(given: readonly string[] | undefined): Grouping {
  const names = given === undefined || given.length === 0 ? [SESSION] : given;
  const readers = names.map(fieldReader);
  return { names, bySession: names.includes(SESSION), keyOf: (view) => keyOf(view, readers) };
}

function keyOf(view: EventView, readers: readonly FieldReader[]): string | undefined {
  if (readers.length === 1) return partOf(view, readers[0]!);
  let key = '';
  for (const read of readers) {
    const part = partOf(view, read);
    if (part === undefined) return undefined;
    key += `${part.length}:${part}`;
  }
  return heldText(key);
}

function partOf(view: EventView, read: FieldReader): string | undefined {
  const value = read(view);
  if (value === undefined || value === null) return undefined;
  return heldText(typeof value === 'string' ? value : JSON.stringify(value));
}
