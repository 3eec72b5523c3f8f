/** JSON as records allow it: no fractions (LOG.md §1). Other numbers travel as decimal text. */
export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Paths are few and asked for with every record: each is taken apart once. */
const steps = new Map<string, readonly string[]>();
/** Those of rules and questions may be anything: beyond it they are taken apart each time. */
const STEPS_KEPT_MAX = 2_000;

/** Reads `a.b.c` of a nested object; `undefined` where any step is missing. */
export function readPath(value: Json | undefined, path: string): Json | undefined {
  let at: Json | undefined = value;
  for (const step of steps.get(path) ?? stepsOf(path)) {
    if (!isObject(at) || !Object.hasOwn(at, step)) return undefined;
    at = at[step];
  }
  return at;
}

function stepsOf(path: string): readonly string[] {
  const taken = path.split('.');
  if (steps.size < STEPS_KEPT_MAX) steps.set(path, taken);
  return taken;
}
