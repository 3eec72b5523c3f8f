/**
 * What LOG.md §1 demands of the members of a record, whatever its kind. Used by the maker, by
 * admission and by the verifier, so that they cannot differ.
 */
import { isObject, type JsonObject, RECORD_INTEGER_MAX } from '@vitrine/schema/record';
import { isHashText } from '../base64.ts';

/** A record after its form was checked. */
export type ChainRecord = JsonObject & {
  v: 1;
  kind: string;
  session: string;
  shim: string;
  seq: number;
  prev: string;
  t: string;
  parts: Record<string, string>;
};

const KIND = /^[a-z0-9._]{1,64}$/;
const NAME = /^[A-Za-z0-9._:-]{1,128}$/;
const PART_NAME = /^[a-z0-9_.-]{1,64}$/;
const NANOSECONDS = /^(?:0|[1-9][0-9]*)$/;

export function isKind(value: unknown): value is string {
  return typeof value === 'string' && KIND.test(value);
}

/** A session or a shim: half of a chain's name. */
export function isName(value: unknown): value is string {
  return typeof value === 'string' && NAME.test(value);
}

/** `session/shim` */
export function isChainName(value: unknown): value is string {
  if (typeof value !== 'string') return false;
  const slash = value.indexOf('/');
  return slash > 0 && isName(value.slice(0, slash)) && isName(value.slice(slash + 1));
}

/** `__proto__` fits the alphabet of parts, and no record may have it as a key. */
export function isPartName(value: string): boolean {
  return PART_NAME.test(value) && value !== '__proto__';
}

/** Unix nanoseconds as decimal text. */
export function isTime(value: unknown): value is string {
  return typeof value === 'string' && NANOSECONDS.test(value);
}

/** A count, an index or a size: an integer that no page names negative. */
export function isCount(value: unknown): value is number {
  return (
    Number.isInteger(value) && (value as number) >= 0 && (value as number) <= RECORD_INTEGER_MAX
  );
}

export function isHash(value: unknown): value is string {
  return typeof value === 'string' && isHashText(value);
}

/** What is wrong with the members of a canonical record; `undefined` if nothing is. */
export function formFault(record: JsonObject): string | undefined {
  if (record.v !== 1) return 'v is not 1';
  if (!isKind(record.kind)) return 'kind is not [a-z0-9._]{1,64}';
  if (!isName(record.session)) return 'session is not [A-Za-z0-9._:-]{1,128}';
  if (!isName(record.shim)) return 'shim is not [A-Za-z0-9._:-]{1,128}';
  if (!isCount(record.seq)) return 'seq is not a count';
  if (!isHash(record.prev)) return 'prev is not the base64 of 32 bytes';
  if (!isTime(record.t)) return 't is not a decimal number of nanoseconds';
  return partsFault(record.parts);
}

function partsFault(parts: unknown): string | undefined {
  if (!isObject(parts)) return 'parts is not an object';
  for (const name of Object.keys(parts)) {
    if (!isPartName(name)) return 'the name of a part is not [a-z0-9_.-]{1,64}';
    if (!isHash(parts[name])) return `part ${name} is not the base64 of 32 bytes`;
  }
  return undefined;
}
