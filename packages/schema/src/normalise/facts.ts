/**
 * The members of a record as a dialect reads them: each is checked, cut to size and remembered, so
 * that what no field of the dialect took can be handed on as it is.
 */
import { isIP } from 'node:net';
import { RESERVED_FIELDS } from '../event.ts';
import { isObject, type Json, type JsonObject, readPath } from '../json.ts';
import { JSON_DEPTH_MAX, NORMALISED_CUT_NAMES_MAX, WORD_CHARS_MAX } from '../limits.ts';
import type { LogEntry } from './entry.ts';

const RESERVED: ReadonlySet<string> = new Set(RESERVED_FIELDS);

export interface Room {
  /** Characters of one text. */
  text: number;
  /** Entries of one list. */
  list: number;
}

const PORT_MAX = 65_535;
/** `ip_t` of OCSF holds no more. */
const ADDRESS_CHARS_MAX = 40;

export class Facts {
  readonly entry: LogEntry;
  readonly #room: Room;
  /** Where the record stands inside a larger one: in front of every path. */
  readonly #prefix: string;
  readonly #taken: Set<string>;
  readonly #cut: Set<string>;

  constructor(entry: LogEntry, room: Room, within?: { facts: Facts; prefix: string }) {
    this.entry = entry;
    this.#room = room;
    this.#prefix = within?.prefix ?? '';
    this.#taken = within ? within.facts.#taken : new Set();
    this.#cut = within ? within.facts.#cut : new Set();
  }

  /** An object inside this record, read as a record of its own. */
  inside(name: string, entry: LogEntry): Facts {
    return new Facts(entry, this.#room, { facts: this, prefix: `${name}.` });
  }

  /** Says that a member has found its place without being read here. */
  take(path: string): void {
    this.#taken.add(this.#prefix + path);
  }

  /** A text that is not empty, or a number as text. */
  text(path: string): string | undefined {
    const value = readPath(this.entry.record, path);
    if (typeof value !== 'string' && typeof value !== 'number') return undefined;
    if (value === '') return undefined;
    this.take(path);
    return this.short(String(value), path);
  }

  /** One of several names for the same thing. */
  firstText(...paths: string[]): string | undefined {
    for (const path of paths) {
      const text = this.text(path);
      if (text !== undefined) return text;
    }
    return undefined;
  }

  /** A whole number that is not negative, also as decimal text. */
  count(path: string): number | undefined {
    const value = readPath(this.entry.record, path);
    const number = typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : value;
    if (typeof number !== 'number' || !Number.isSafeInteger(number) || number < 0) return undefined;
    this.take(path);
    return number;
  }

  firstCount(...paths: string[]): number | undefined {
    for (const path of paths) {
      const count = this.count(path);
      if (count !== undefined) return count;
    }
    return undefined;
  }

  port(path: string): number | undefined {
    const value = readPath(this.entry.record, path);
    return typeof value === 'number' && value > PORT_MAX ? undefined : this.count(path);
  }

  flag(path: string): boolean | undefined {
    const value = readPath(this.entry.record, path);
    if (typeof value !== 'boolean') return undefined;
    this.take(path);
    return value;
  }

  /** An IPv4 or IPv6 address. */
  address(path: string): string | undefined {
    const value = readPath(this.entry.record, path);
    if (typeof value !== 'string' || !isAddress(value)) return undefined;
    this.take(path);
    return value;
  }

  /** The texts of a list. */
  texts(path: string): string[] {
    const value = readPath(this.entry.record, path);
    if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) return [];
    this.take(path);
    const list = this.shortList(value as string[], path);
    return list.map((item) => this.short(item, path));
  }

  /** The objects of a list. */
  objects(path: string): JsonObject[] {
    const value = readPath(this.entry.record, path);
    if (!Array.isArray(value) || !value.every(isObject)) return [];
    this.take(path);
    return this.shortList(value as JsonObject[], path);
  }

  /** Cuts a text from elsewhere; `name` is told as cut. */
  short(text: string, name: string): string {
    const whole = text.toWellFormed();
    if (whole.length <= this.#room.text) return whole;
    this.cut(name);
    return `${whole.slice(0, this.#room.text - 1).toWellFormed()}…`;
  }

  shortList<T>(list: T[], name: string): T[] {
    if (list.length <= this.#room.list) return list;
    this.cut(name);
    return list.slice(0, this.#room.list);
  }

  cut(name: string): void {
    this.#cut.add((this.#prefix + name).slice(0, WORD_CHARS_MAX).toWellFormed());
  }

  /** Names of what was cut; undefined where nothing was. */
  get cutNames(): string[] | undefined {
    const names = [...this.#cut];
    if (names.length === 0) return undefined;
    if (names.length <= NORMALISED_CUT_NAMES_MAX) return names;
    const shown = names.slice(0, NORMALISED_CUT_NAMES_MAX - 1);
    return [...shown, `and ${names.length - shown.length} more`];
  }

  /** Members that nothing took, without the reserved ones. */
  rest(): JsonObject {
    const made: JsonObject = {};
    for (const [key, value] of Object.entries(this.entry.record)) {
      if (RESERVED.has(key)) continue;
      const left = this.#left(value, key, 1);
      if (left !== undefined) put(made, key, left);
    }
    return made;
  }

  #left(value: Json, path: string, depth: number): Json | undefined {
    if (this.#taken.has(path)) return undefined;
    if (typeof value === 'string') return this.short(value, path);
    if (typeof value !== 'object' || value === null) return value;
    if (depth >= JSON_DEPTH_MAX) {
      this.cut(path);
      return undefined;
    }
    if (Array.isArray(value)) {
      const list = this.shortList(value, path);
      return list.map((item, i) => this.#left(item, `${path}[${i}]`, depth + 1) ?? null);
    }
    const made: JsonObject = {};
    for (const [key, item] of Object.entries(value)) {
      const left = this.#left(item, `${path}.${key}`, depth + 1);
      if (left !== undefined) put(made, key, left);
    }
    return Object.keys(made).length > 0 || Object.keys(value).length === 0 ? made : undefined;
  }
}

export function isAddress(text: string): boolean {
  return text.length <= ADDRESS_CHARS_MAX && !text.includes('%') && isIP(text) !== 0;
}

/** The last step of a path. */
export function baseName(path: string): string {
  return path.replace(/\/+$/, '').split('/').at(-1) || '/';
}

/** An object without the members that are undefined, and without empty objects and lists. */
export function filled(members: Record<string, Json | undefined>): JsonObject {
  const made: JsonObject = {};
  for (const [key, value] of Object.entries(members)) {
    if (value === undefined || isEmpty(value)) continue;
    put(made, key, value);
  }
  return made;
}

/** The same, or nothing where nothing is left. */
export function some(members: Record<string, Json | undefined>): JsonObject | undefined {
  const made = filled(members);
  return isEmpty(made) ? undefined : made;
}

function isEmpty(value: Json): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

/** A member of any name: `__proto__` is one like others. */
function put(object: JsonObject, key: string, value: Json): void {
  const name = key.toWellFormed();
  if (name !== '__proto__') object[name] = value;
  else Object.defineProperty(object, name, { value, enumerable: true, configurable: true });
}
