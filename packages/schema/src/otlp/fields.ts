/**
 * Turns attributes with dotted names into the nested members of a record, within what LOG.md §1
 * allows. What does not fit (a reserved or non-ASCII name, a conflict, a value too large) is
 * reported to the caller, which then keeps the whole original in part `otlp`.
 */
import { RESERVED_FIELDS } from '../event.ts';
import type { Json, JsonObject } from '../json.ts';
import { isObject } from '../json.ts';
import {
  EVENT_FIELDS_BYTES_MAX,
  FIELD_CHARS_MAX,
  JSON_DEPTH_MAX,
  OTLP_NAME_CHARS_MAX,
} from '../limits.ts';
import { type AnyValue, OtlpDouble, OtlpMap, OtlpOpaque } from './model.ts';
import { base64 } from './text.ts';

const MEMBER = /^[ -~]+$/;
const PATHS_MAX = 4_096;
const RESERVED: ReadonlySet<string> = new Set(RESERVED_FIELDS);
/** Paths of names seen lately; starts anew when it is full. */
const paths = new Map<string, Path | undefined>();

interface Path {
  steps: string[];
  last: string;
  /** At least the bytes that the names and their braces take in canonical form. */
  frameBytes: number;
}

export function cutName(name: string): string {
  return name.length <= OTLP_NAME_CHARS_MAX
    ? name
    : name.slice(0, OTLP_NAME_CHARS_MAX).toWellFormed();
}

/** The members a dotted name leads through; `undefined` for a name no record may have. */
function pathOf(name: string): Path | undefined {
  if (name.length > OTLP_NAME_CHARS_MAX) return undefined;
  const known = paths.get(name);
  if (known !== undefined || paths.has(name)) return known;
  const path = splitName(name);
  if (paths.size >= PATHS_MAX) paths.clear();
  paths.set(name, path);
  return path;
}

function splitName(name: string): Path | undefined {
  const steps = name.split('.');
  if (steps.length > JSON_DEPTH_MAX || RESERVED.has(steps[0]!)) return undefined;
  if (!steps.every(isMember)) return undefined;
  const frameBytes = 8 * steps.length + 2 * name.length;
  return { steps, last: steps[steps.length - 1]!, frameBytes };
}

function isMember(name: string): boolean {
  return name.length <= OTLP_NAME_CHARS_MAX && name !== '__proto__' && MEMBER.test(name);
}

export class FieldTree {
  readonly fields: JsonObject = {};
  /** Never less than the canonical size of `fields`; exact from the time a bound was too coarse. */
  #bytes = 2;
  #exact = false;

  /**
   * Sets the member a dotted name leads to. `refused`: no record may have such a member, or its
   * name is taken (the first one stays) or leads through a value. `large`: there is no room.
   */
  set(name: string, value: AnyValue): 'placed' | 'refused' | 'large' {
    const path = pathOf(name);
    if (path === undefined) return 'refused';
    const json = toJson(value, JSON_DEPTH_MAX - path.steps.length);
    if (json === undefined || !this.#fits(path.frameBytes, json)) return 'large';
    return place(this.fields, path, json) ? 'placed' : 'refused';
  }

  /** Counts the bytes of a member; they stay counted if `place` then finds its name taken. */
  #fits(frame: number, json: Json): boolean {
    if (!this.#exact) {
      const bound = this.#bytes + frame + boundOf(json);
      if (bound <= EVENT_FIELDS_BYTES_MAX) {
        this.#bytes = bound;
        return true;
      }
      this.#bytes = Buffer.byteLength(JSON.stringify(this.fields));
      this.#exact = true;
    }
    const bytes = this.#bytes + frame + Buffer.byteLength(JSON.stringify(json));
    if (bytes > EVENT_FIELDS_BYTES_MAX) return false;
    this.#bytes = bytes;
    return true;
  }
}

function place(fields: JsonObject, { steps, last }: Path, value: Json): boolean {
  let at = fields;
  for (let i = 0; i + 1 < steps.length; i++) {
    const step = steps[i]!;
    if (!Object.hasOwn(at, step)) at[step] = {};
    const next = at[step];
    if (!isObject(next)) return false;
    at = next;
  }
  if (Object.hasOwn(at, last)) return false;
  at[last] = value;
  return true;
}

/** At least the canonical bytes of a value: a UTF-16 unit becomes at most `\u001f`. */
function boundOf(json: Json): number {
  if (typeof json === 'string') return 6 * json.length + 2;
  if (typeof json !== 'object' || json === null) return 24;
  if (Array.isArray(json)) return json.reduce((sum: number, item) => sum + 1 + boundOf(item), 2);
  let sum = 2;
  for (const key of Object.keys(json)) sum += 2 * key.length + 4 + boundOf(json[key]!);
  return sum;
}

/** `depth`: how many containers may still be nested here. `undefined`: not for a record. */
function toJson(value: AnyValue, depth: number): Json | undefined {
  if (typeof value === 'string') return value.length > FIELD_CHARS_MAX ? undefined : value;
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return value;
  if (typeof value === 'bigint') return String(value);
  if (value instanceof OtlpDouble) return String(value.value);
  if (value instanceof Uint8Array) {
    return value.length > (FIELD_CHARS_MAX / 4) * 3 ? undefined : base64(value);
  }
  if (value instanceof OtlpOpaque || depth < 1) return undefined;
  if (value instanceof OtlpMap) return toObject(value, depth - 1);
  const list: Json[] = [];
  for (const item of value) {
    const json = toJson(item, depth - 1);
    if (json === undefined) return undefined;
    list.push(json);
  }
  return list;
}

function toObject(map: OtlpMap, depth: number): JsonObject | undefined {
  const object: JsonObject = {};
  for (const { key, value } of map.entries) {
    const json = toJson(value, depth);
    if (json === undefined || !isMember(key) || Object.hasOwn(object, key)) return undefined;
    object[key] = json;
  }
  return object;
}
