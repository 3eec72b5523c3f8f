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
import { asBuffer, commitmentText, framedLeafText } from '../hash/node.ts';
import { HASH_BYTES } from '../hash/rfc6962.ts';
import { isKind, isName, isPartName, isTime } from '../verify/form.ts';
import { tooLong } from '../verify/record.ts';
import { CanonicalWriter, sortedKeys, writeCanonical } from './canonical.ts';

interface Place {
  session: string;
  shim: string;
  seq: number;
}

export interface RecordPlace extends Place {
  /** Leaf hash of the record before; 32 zero bytes at `seq` 0. */
  prev: Buffer;
  /** The same in base64, for who has it from the record before. */
  prevText?: string | undefined;
}

interface LinkPlace extends Place {
  /** The same in base64. */
  prevText: string;
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
  /** The same in base64: `prevText` of the next record. */
  leafText: string;
  seq: number;
  parts: MadePart[];
}

/** A record of which nothing was copied yet. */
export interface LinkedRecord {
  /** A view, good until the next record is made. */
  view: Uint8Array;
  /** Leaf hash in base64: `prevText` of the next record. */
  leafText: string;
  seq: number;
  parts: MadePart[];
}

/** Canonical bytes of any object of LOG.md §1, to which no length is set. Throws RECORD_INVALID. */
export function canonicalBytes(value: JsonObject): Buffer {
  return asBuffer(writeCanonical(value));
}

const ZERO_TEXT = Buffer.alloc(HASH_BYTES).toString('base64');
const RECORD_DEPTH = 1;
const NO_PARTS: MadePart[] = [];
/** Stands before the record, so that hashing it needs no copy. */
const RFC6962_LEAF_PREFIX = '\0';
/** Emptied at the beginning of each record; nothing is kept in it between two. */
const passing = new CanonicalWriter(8 * RECORD_BYTES_MAX, RECORD_BYTES_MAX, () => tooLong());
/** Records stand in it one behind the other, so that none is copied. */
const kept = new CanonicalWriter(4 * RECORD_BYTES_MAX, RECORD_BYTES_MAX, () => tooLong());

/**
 * `salt` gives 16 fresh random bytes for each part. Throws RECORD_INVALID for whatever LOG.md §1
 * does not allow: what this returns, `admitRecord` accepts.
 */
export function makeRecord(
  event: EventBody,
  place: RecordPlace,
  salt: (name: string) => Buffer,
): MadeRecord {
  const { session, shim, seq, prev } = place;
  if (prev.length !== HASH_BYTES) throw invalid('prev', '');
  const prevText = place.prevText ?? prev.toString('base64');
  const parts = writeFramed(kept, event, { session, shim, seq, prevText }, salt);
  const framed = kept.written();
  kept.keep();
  const { buffer, byteOffset, length } = framed;
  const before = RFC6962_LEAF_PREFIX.length;
  const bytes = Buffer.from(buffer, byteOffset + before, length - before);
  const leafText = framedLeafText(framed);
  return { bytes, leaf: Buffer.from(leafText, 'base64'), leafText, seq, parts };
}

/** The same for who needs neither a copy nor the hash's bytes: a third of the time is those. */
export function linkRecord(
  event: EventBody,
  place: LinkPlace,
  salt: (name: string) => Buffer,
): LinkedRecord {
  const parts = writeFramed(passing, event, place, salt);
  const framed = passing.written();
  const view = framed.subarray(RFC6962_LEAF_PREFIX.length);
  return { view, leafText: framedLeafText(framed), seq: place.seq, parts };
}

/** Writes the prefix of its leaf hash and the record behind it. */
function writeFramed(
  writer: CanonicalWriter,
  event: EventBody,
  place: LinkPlace,
  salt: (name: string) => Buffer,
): MadePart[] {
  refuseBadMembers(event, place);
  const parts = event.parts === undefined ? NO_PARTS : makeParts(event.parts, salt);
  writer.clear();
  writer.ascii(RFC6962_LEAF_PREFIX);
  if (event.text === undefined) writeRecord(writer, event, place, parts);
  else writeAround(writer, event.text, event, place, parts);
  if (writer.length - RFC6962_LEAF_PREFIX.length > RECORD_BYTES_MAX) throw tooLong();
  return parts;
}

/** The names that were good last: most records have those of the one before. */
const good = { kind: '', session: '', shim: '' };

function refuseBadMembers({ kind, t }: EventBody, place: LinkPlace): void {
  const { session, shim, seq, prevText } = place;
  if (kind !== good.kind && !isKind(kind)) throw invalid('kind', kind);
  if (!isTime(t)) throw invalid('t', t);
  if (session !== good.session && !isName(session)) throw invalid('session', session);
  if (shim !== good.shim && !isName(shim)) throw invalid('shim', shim);
  good.kind = kind;
  good.session = session;
  good.shim = shim;
  const known = Number.isInteger(seq) && seq >= 0 && seq <= RECORD_INTEGER_MAX;
  if (!known) throw invalid('seq', String(seq));
  const first = seq === 0;
  if (prevText.length !== ZERO_TEXT.length || first !== (prevText === ZERO_TEXT)) {
    throw invalid('prev', '');
  }
}

function makeParts(parts: Record<string, Uint8Array>, salt: (name: string) => Buffer): MadePart[] {
  return sortedKeys(parts).map((name) => {
    if (!isPartName(name)) throw invalid('the name of a part', name);
    const bytes = salt(name);
    if (bytes.length !== PART_SALT_BYTES) throw invalid('the salt of part', name);
    return { name, salt: bytes, data: bufferOf(parts[name]!) };
  });
}

function bufferOf(data: Uint8Array): Buffer {
  return Buffer.isBuffer(data) ? data : asBuffer(data);
}

/** Reserved members and sorted fields, merged. */
function writeRecord(
  writer: CanonicalWriter,
  event: EventBody,
  place: LinkPlace,
  parts: MadePart[],
): void {
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
    writeReserved(writer, name, event, place, parts);
    first = false;
  }
  while (next < keys.length) writeField(keys[next]!);
  writer.ascii('}');
}

/** Reserved members in the places that were left for them. */
function writeAround(
  writer: CanonicalWriter,
  { chunk, start, ends, at }: MembersText,
  event: EventBody,
  place: LinkPlace,
  parts: MadePart[],
): void {
  let from = start;
  writer.ascii('{');
  for (let i = 0; i < RESERVED_FIELDS.length; i++) {
    const end = ends[at + i]!;
    writer.bytes(chunk, from, end);
    from = end;
    writeReserved(writer, RESERVED_FIELDS[i]!, event, place, parts);
    if (i + 1 < RESERVED_FIELDS.length) writer.ascii(',');
  }
  writer.bytes(chunk, from, ends[at + RESERVED_FIELDS.length]!);
  writer.ascii('}');
}

/** Names, times and hashes have been checked, or are ours: none needs an escape. */
function writeReserved(
  writer: CanonicalWriter,
  name: (typeof RESERVED_FIELDS)[number],
  event: EventBody,
  place: LinkPlace,
  parts: MadePart[],
): void {
  switch (name) {
    case 'kind':
      writeText(writer, '"kind":"', event.kind);
      break;
    case 'parts':
      writeCommitments(writer, parts);
      break;
    case 'prev':
      writeText(writer, '"prev":"', place.prevText);
      break;
    case 'seq':
      writer.ascii('"seq":');
      writer.ascii(`${place.seq}`);
      break;
    case 'session':
      writeText(writer, '"session":"', place.session);
      break;
    case 'shim':
      writeText(writer, '"shim":"', place.shim);
      break;
    case 't':
      writeText(writer, '"t":"', event.t);
      break;
    case 'v':
      writer.ascii('"v":1');
  }
}

/** In pieces: a text that is put together is another string to make, and to collect. */
function writeText(writer: CanonicalWriter, before: string, text: string): void {
  writer.ascii(before);
  writer.ascii(text);
  writer.ascii('"');
}

function writeCommitments(writer: CanonicalWriter, parts: MadePart[]): void {
  writer.ascii('"parts":{');
  for (let i = 0; i < parts.length; i++) {
    const { name, salt, data } = parts[i]!;
    writer.ascii(i === 0 ? '"' : ',"');
    writer.ascii(name);
    writeText(writer, '":"', commitmentText(salt, data));
  }
  writer.ascii('}');
}

function invalid(what: string, found: string): ChainError {
  return new ChainError('RECORD_INVALID', `a record cannot have ${what} ${found.slice(0, 128)}`);
}
