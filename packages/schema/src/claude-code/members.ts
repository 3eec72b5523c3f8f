/**
 * Gathers the members of an event of Claude Code from values that came as attributes or as JSON. A
 * value that is not of the form its member has is left out: the original has it.
 */
import type { Json } from '../json.ts';
import { FIELD_CHARS_MAX } from '../limits.ts';
import { OtlpDouble } from '../otlp/model.ts';
import { Scrubber } from '../scrub.ts';

/** A name or number that a program made, taken as it is; or words, which lose what is secret. */
type Form = 'id' | 'words' | 'count' | 'flag';

/** Which member a value of the source becomes. */
export type Reading = readonly [member: string, from: string, form: Form];

/** What a source calls its values; `undefined` for one that is not there. */
export type Given = (name: string) => unknown;

export const id = (member: string, from: string): Reading => [member, from, 'id'];
export const words = (member: string, from: string): Reading => [member, from, 'words'];
export const count = (member: string, from: string): Reading => [member, from, 'count'];
export const flag = (member: string, from: string): Reading => [member, from, 'flag'];

const scrubber = new Scrubber([]);
const SCRUBBED_MAX = 1_024;
const SCRUBBED_CHARS_MAX = 64;
/** Names of tools and hooks come again with every event; the table starts anew when it is full. */
const scrubbed = new Map<string, string>();

function scrub(text: string): string {
  const known = scrubbed.get(text);
  if (known !== undefined) return known;
  const clean = scrubber.text(text);
  if (text.length > SCRUBBED_CHARS_MAX) return clean;
  if (scrubbed.size >= SCRUBBED_MAX) scrubbed.clear();
  scrubbed.set(text, clean);
  return clean;
}

export class Members {
  readonly set: (member: string, value: string | number | boolean) => void;

  /** `set` keeps the first value of each member. */
  constructor(set: Members['set']) {
    this.set = set;
  }

  take(readings: readonly Reading[], given: Given): void {
    for (const [member, from, form] of readings) this.#take(member, given(from), form);
  }

  words(member: string, value: unknown): void {
    this.#take(member, value, 'words');
  }

  #take(member: string, value: unknown, form: Form): void {
    const read = READERS[form](value);
    if (read !== undefined && read !== '') this.set(member, read);
  }
}

const READERS: Record<Form, (value: unknown) => string | number | boolean | undefined> = {
  id: textOf,
  words: (value) => {
    const text = textOf(value);
    // No member has room for more, and whoever sends megabytes would have them searched.
    return text === undefined || text.length > FIELD_CHARS_MAX ? undefined : scrub(text);
  },
  count: countOf,
  flag: flagOf,
};

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value === REDACTED ? undefined : value.toWellFormed();
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : undefined;
}

/** What stands where content would be when its switch is off (docs, `OTEL_LOG_USER_PROMPTS`). */
export const REDACTED = '<REDACTED>';

/** Numbers come as integers, doubles and text, from one version to the next. */
function countOf(value: unknown): number | undefined {
  const plain = value instanceof OtlpDouble ? value.value : value;
  const number =
    typeof plain === 'string' && /^\d{1,16}(?:\.\d{1,16})?$/.test(plain) ? +plain : plain;
  if (typeof number !== 'number' || number < 0) return undefined;
  const whole = Math.round(number);
  return Number.isSafeInteger(whole) ? whole : undefined;
}

function flagOf(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  return value === 'true' ? true : value === 'false' ? false : undefined;
}

/** The bytes of a value for a part of its own: text as it is, anything else as JSON. */
export function contentOf(value: unknown): Uint8Array | undefined {
  if (value === undefined || value === null || value === '' || value === REDACTED) return undefined;
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value as Json));
}
