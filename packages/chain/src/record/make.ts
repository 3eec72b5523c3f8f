/**
 * Makes the next record of a chain: the hot path of relay and sequencer. The reserved members stand
 * in a fixed order and are merged with the sorted members of the event, so nothing is sorted twice.
 */
import {
  type JsonObject,
  type MembersText,
  PART_SALT_BYTES,
  RECORD_BYTES_MAX,
  RECORD_INTEGER_MAX,
  RESERVED_FIELDS,
} from '@vitrine/schema';
import { ChainError } from '../error.ts';
import { asBuffer, partCommitment, sha256 } from '../hash/node.ts';
import { HASH_BYTES } from '../hash/rfc6962.ts';
import { isKind, isName, isPartName, isTime } from '../verify/form.ts';
import { tooLong } from '../verify/record.ts';
import { CanonicalWriter, sortedKeys, writeCanonical } from './canonical.ts';

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
  /** All members as canonical text; `fields` is then not looked at. */
  text?: MembersText;
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

/** Canonical bytes of any object of LOG.md §1, to which no length is set. Throws RECORD_INVALID. */
export function canonicalBytes(value: JsonObject): Buffer {
  return asBuffer(writeCanonical(value));
}

const RECORD_DEPTH = 1;
const NO_PARTS: MadePart[] = [];
/** Stands before the record, so that hashing it needs no copy. */
const RFC6962_LEAF_PREFIX = '\0';
/** Emptied at the beginning of each record; nothing is kept in it between two. */
const writer = new CanonicalWriter(8 * RECORD_BYTES_MAX, RECORD_BYTES_MAX, () => tooLong());

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
  const parts = event.parts === undefined ? NO_PARTS : makeParts(event.parts, salt);
  writer.clear();
  writer.ascii(RFC6962_LEAF_PREFIX);
  if (event.text === undefined) writeRecord(event, place, parts);
  else writeAround(event.text, event, place, parts);
  const size = writer.length - RFC6962_LEAF_PREFIX.length;
  if (size > RECORD_BYTES_MAX) throw tooLong();
  const framed = writer.written();
  const bytes = Buffer.from(framed.subarray(RFC6962_LEAF_PREFIX.length));
  return { bytes, leaf: sha256(framed), seq: place.seq, parts };
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
  return sortedKeys(parts).map((name) => {
    if (!isPartName(name)) throw invalid('the name of a part', name);
    const bytes = salt(name);
    if (bytes.length !== PART_SALT_BYTES) throw invalid('the salt of part', name);
    return { name, salt: bytes, data: asBuffer(parts[name]!) };
  });
}

/** Reserved members and sorted fields, merged. */
function writeRecord(event: EventBody, place: RecordPlace, parts: MadePart[]): void {
  const { fields } = event;
  const keys = sortedKeys(fields);
  let next = 0;
  let first = true;
  const writeField = (key: string): void => {
    writer.member(key, fields[key]!, RECORD_DEPTH, first);
    first = false;
    next++;
  };
  writer.ascii('{');
  for (const name of RESERVED_FIELDS) {
    while (next < keys.length && keys[next]! < name) writeField(keys[next]!);
    if (keys[next] === name) throw invalid('a field named', name);
    if (!first) writer.ascii(',');
    writeReserved(name, event, place, parts);
    first = false;
  }
  while (next < keys.length) writeField(keys[next]!);
  writer.ascii('}');
}

/** Reserved members in the places that were left for them. */
function writeAround(
  { chunk, start, ends }: MembersText,
  event: EventBody,
  place: RecordPlace,
  parts: MadePart[],
): void {
  let from = start;
  writer.ascii('{');
  for (let i = 0; i < RESERVED_FIELDS.length; i++) {
    writer.bytes(chunk, from, ends[i]!);
    from = ends[i]!;
    writeReserved(RESERVED_FIELDS[i]!, event, place, parts);
    if (i + 1 < RESERVED_FIELDS.length) writer.ascii(',');
  }
  writer.bytes(chunk, from, ends.at(-1)!);
  writer.ascii('}');
}

/** Names, times and hashes have been checked, or are ours: none needs an escape. */
function writeReserved(
  name: (typeof RESERVED_FIELDS)[number],
  event: EventBody,
  place: RecordPlace,
  parts: MadePart[],
): void {
  switch (name) {
    case 'kind':
      writeText('"kind":"', event.kind);
      break;
    case 'parts':
      writeCommitments(parts);
      break;
    case 'prev':
      writeText('"prev":"', place.prev.toString('base64'));
      break;
    case 'seq':
      writer.ascii('"seq":');
      writer.ascii(`${place.seq}`);
      break;
    case 'session':
      writeText('"session":"', place.session);
      break;
    case 'shim':
      writeText('"shim":"', place.shim);
      break;
    case 't':
      writeText('"t":"', event.t);
      break;
    case 'v':
      writer.ascii('"v":1');
  }
}

/** In pieces: a text that is put together is another string to make, and to collect. */
function writeText(before: string, text: string): void {
  writer.ascii(before);
  writer.ascii(text);
  writer.ascii('"');
}

function writeCommitments(parts: MadePart[]): void {
  writer.ascii('"parts":{');
  for (let i = 0; i < parts.length; i++) {
    const { name, salt, data } = parts[i]!;
    writer.ascii(i === 0 ? '"' : ',"');
    writer.ascii(name);
    writeText('":"', partCommitment(salt, data).toString('base64'));
  }
  writer.ascii('}');
}

function invalid(what: string, found: string): ChainError {
  return new ChainError('RECORD_INVALID', `a record cannot have ${what} ${found.slice(0, 128)}`);
}
