/**
 * Makes the next record of a chain: the hot path of relay and sequencer. The reserved members stand
 * in a fixed order and are merged with the sorted members of the event, so nothing is sorted twice.
 */
import {
  type JsonObject,
  PART_SALT_BYTES,
  RECORD_BYTES_MAX,
  RECORD_INTEGER_MAX,
  RESERVED_FIELDS,
} from '@vitrine/schema';
import { ChainError } from '../error.ts';
import { asBuffer, partCommitment, sha256 } from '../hash/node.ts';
import { HASH_BYTES, RFC6962_LEAF_PREFIX } from '../hash/rfc6962.ts';
import { canonicalText, quote, sortedKeys } from './canonical.ts';
import { isKind, isName, isPartName, isTime } from './form.ts';
import { tooLong } from './parse.ts';

export interface RecordPlace {
  session: string;
  shim: string;
  seq: number;
  /** Leaf hash of the record before; 32 zero bytes at `seq` 0. */
  prev: Buffer;
}

export interface EventBody {
  kind: string;
  /** Unix nanoseconds, decimal text. */
  t: string;
  fields: JsonObject;
  parts?: Record<string, Uint8Array>;
}

export interface MadePart {
  name: string;
  salt: Buffer;
  data: Buffer;
}

export interface MadeRecord {
  bytes: Buffer;
  leaf: Buffer;
  seq: number;
  parts: MadePart[];
}

/** The record itself stands at depth 1. */
const FIELD_DEPTH = 2;

/**
 * `salt` gives 16 fresh random bytes for each part. Throws RECORD_INVALID for whatever LOG.md §1
 * does not allow: what this returns, `admitRecord` accepts.
 */
export function makeRecord(
  event: EventBody,
  place: RecordPlace,
  salt: (name: string) => Buffer,
): MadeRecord {
  refuseBadMembers(event, place);
  const parts = event.parts === undefined ? [] : makeParts(event.parts, salt);
  const text = recordText(event, place, parts);
  const size = Buffer.byteLength(text);
  if (size > RECORD_BYTES_MAX) throw tooLong(size);
  // The leaf prefix stands before the record, so that hashing needs no copy.
  const framed = Buffer.allocUnsafe(1 + size);
  framed[0] = RFC6962_LEAF_PREFIX;
  framed.write(text, 1);
  return { bytes: framed.subarray(1), leaf: sha256(framed), seq: place.seq, parts };
}

function refuseBadMembers(event: EventBody, place: RecordPlace): void {
  if (!isKind(event.kind)) throw invalid('kind', event.kind);
  if (!isTime(event.t)) throw invalid('t', event.t);
  if (!isName(place.session)) throw invalid('session', place.session);
  if (!isName(place.shim)) throw invalid('shim', place.shim);
  const { seq, prev } = place;
  const known = Number.isInteger(seq) && seq >= 0 && seq <= RECORD_INTEGER_MAX;
  if (!known) throw invalid('seq', String(seq));
  const first = seq === 0;
  if (prev.length !== HASH_BYTES || first !== isZero(prev)) throw invalid('prev', '');
}

function isZero(hash: Buffer): boolean {
  for (const byte of hash) if (byte !== 0) return false;
  return true;
}

function makeParts(parts: Record<string, Uint8Array>, salt: (name: string) => Buffer): MadePart[] {
  return sortedKeys(parts as unknown as JsonObject).map((name) => {
    if (!isPartName(name)) throw invalid('the name of a part', name);
    const bytes = salt(name);
    if (bytes.length !== PART_SALT_BYTES) throw invalid('the salt of part', name);
    return { name, salt: bytes, data: asBuffer(parts[name]!) };
  });
}

function recordText(event: EventBody, place: RecordPlace, parts: MadePart[]): string {
  const { fields } = event;
  const keys = sortedKeys(fields);
  const reserved = reservedTexts(event, place, parts);
  let text = '{';
  let next = 0;
  for (let r = 0; r < RESERVED_FIELDS.length; r++) {
    const name = RESERVED_FIELDS[r]!;
    for (; next < keys.length && keys[next]! <= name; next++) {
      if (keys[next] === name) throw invalid('a field named', name);
      text += `${memberText(keys[next]!, fields)},`;
    }
    text += reserved[r]!;
    if (r + 1 < RESERVED_FIELDS.length) text += ',';
  }
  for (; next < keys.length; next++) text += `,${memberText(keys[next]!, fields)}`;
  return `${text}}`;
}

function memberText(key: string, fields: JsonObject): string {
  return `${quote(key)}:${canonicalText(fields[key]!, FIELD_DEPTH)}`;
}

/** In the order of `RESERVED_FIELDS`. Names and times have been checked: none needs an escape. */
function reservedTexts(event: EventBody, place: RecordPlace, parts: MadePart[]): string[] {
  return [
    `"kind":"${event.kind}"`,
    `"parts":${commitmentsText(parts)}`,
    `"prev":"${place.prev.toString('base64')}"`,
    `"seq":${place.seq}`,
    `"session":"${place.session}"`,
    `"shim":"${place.shim}"`,
    `"t":"${event.t}"`,
    '"v":1',
  ];
}

function commitmentsText(parts: MadePart[]): string {
  if (parts.length === 0) return '{}';
  const members = parts.map(({ name, salt, data }) => {
    return `"${name}":"${partCommitment(salt, data).toString('base64')}"`;
  });
  return `{${members.join(',')}}`;
}

function invalid(what: string, found: string): ChainError {
  return new ChainError('RECORD_INVALID', `a record cannot have ${what} ${found.slice(0, 128)}`);
}
