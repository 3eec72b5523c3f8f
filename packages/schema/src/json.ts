/** JSON as records allow it: no fractions (LOG.md §1). Other numbers travel as decimal text. */
export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Reads `a.b.c` of a nested object; `undefined` where any step is missing. */
export function readPath(value: Json | undefined, path: string): Json | undefined {
  let at: Json | undefined = value;
  for (const step of path.split('.')) {
    if (!isObject(at) || !Object.hasOwn(at, step)) return undefined;
    at = at[step];
  }
  return at;
}
