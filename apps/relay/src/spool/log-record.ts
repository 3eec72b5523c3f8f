/**
 * The OTLP log record that carries one of our records to the puller (pull.md): its body is the
 * record's exact bytes, its attributes are the MAC and the parts. It is written once, when custody
 * is taken, so that a page is a copy of what is in the spool. Protobuf, field numbers of
 * opentelemetry/proto 1.11 (`logs/v1`, `common/v1`), all of which fit one byte of tag.
 */
import type { MadePart } from '@vitrine/chain';
import { PART_SALT_BYTES } from '@vitrine/schema';

export interface CarriedRecord {
  kind: string;
  /** Unix nanoseconds, decimal text; of a larger one, the low 64 bits travel here. */
  t: string;
  bytes: Uint8Array;
  /** A character for each byte. */
  mac: string;
  parts: MadePart[];
}

/** Lengths of the nested messages, measured before anything is written. */
export interface LogSizes {
  parts: PartSizes[];
  partsList: number;
  /** The body's AnyValue. */
  body: number;
  /** The whole log record, without a tag and prefix of its own. */
  total: number;
}

interface PartSizes {
  dataEntry: number;
  list: number;
  entry: number;
}

const MAC_BYTES = 32;
const TIME_BYTES = 9;

/** Tags: field number and wire type. */
const TIME = 0x09;
const BODY = 0x2a;
const ATTRIBUTE = 0x32;
const EVENT_NAME = 0x62;
const KEY = 0x0a;
const VALUE = 0x12;
const ENTRY = 0x0a;
const KVLIST_VALUE = 0x32;
const BYTES_VALUE = 0x3a;

/** Bytes of a length-delimited field with its tag and prefix. */
export function fieldBytes(length: number): number {
  return 1 + varintBytes(length) + length;
}

function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) bytes++;
  return bytes;
}

function key(name: string): Buffer {
  return Buffer.concat([Buffer.from([KEY, name.length]), Buffer.from(name, 'latin1')]);
}

/** `KeyValue{key, AnyValue{bytes_value}}` up to bytes whose length is fixed. */
function headOf(name: string, length: number): Buffer {
  return Buffer.concat([key(name), Buffer.from([VALUE, length + 2, BYTES_VALUE, length])]);
}

const MAC_HEAD = headOf('vitrine.mac', MAC_BYTES);
const MAC_ATTRIBUTE = MAC_HEAD.length + MAC_BYTES;
const SALT_HEAD = headOf('salt', PART_SALT_BYTES);
const SALT_ENTRY = SALT_HEAD.length + PART_SALT_BYTES;
const PARTS_KEY = key('vitrine.parts');
const DATA_KEY = key('data');

function partSizes({ name, data }: MadePart): PartSizes {
  const dataEntry = DATA_KEY.length + fieldBytes(fieldBytes(data.length));
  const list = fieldBytes(SALT_ENTRY) + fieldBytes(dataEntry);
  const entry = fieldBytes(name.length) + fieldBytes(fieldBytes(list));
  return { dataEntry, list, entry };
}

function partsAttribute(partsList: number): number {
  return PARTS_KEY.length + fieldBytes(fieldBytes(partsList));
}

/** The MAC need not be known yet: its length is. */
export function logSizes({ kind, bytes, parts }: Omit<CarriedRecord, 'mac' | 't'>): LogSizes {
  const sizes: PartSizes[] = [];
  let partsList = 0;
  for (let i = 0; i < parts.length; i++) {
    const part = partSizes(parts[i]!);
    sizes.push(part);
    partsList += fieldBytes(part.entry);
  }
  const body = fieldBytes(bytes.length);
  const attributes = fieldBytes(MAC_ATTRIBUTE) + fieldBytes(partsAttribute(partsList));
  const total = TIME_BYTES + fieldBytes(body) + attributes + fieldBytes(kind.length);
  return { parts: sizes, partsList, body, total };
}

/** Where the exact bytes of the record begin in its log record. */
export function bodyOffset({ body }: LogSizes, bytes: Uint8Array): number {
  return TIME_BYTES + fieldBytes(body) - bytes.length;
}

/** Writes the log record at `at`; returns where it ends. */
export function writeLog(to: Buffer, at: number, record: CarriedRecord, sizes: LogSizes): number {
  const { kind, t, bytes, mac, parts } = record;
  to[at] = TIME;
  let pos = writeTime(to, at + 1, t);
  pos = writePrefix(to, pos, BODY, sizes.body);
  pos = writePrefix(to, pos, BYTES_VALUE, bytes.length);
  to.set(bytes, pos);
  pos = writePrefix(to, pos + bytes.length, ATTRIBUTE, MAC_ATTRIBUTE);
  pos = put(to, pos, MAC_HEAD);
  pos = putLatin1(to, pos, mac);
  pos = writePrefix(to, pos, ATTRIBUTE, partsAttribute(sizes.partsList));
  pos = put(to, pos, PARTS_KEY);
  pos = writePrefix(to, pos, VALUE, fieldBytes(sizes.partsList));
  pos = writePrefix(to, pos, KVLIST_VALUE, sizes.partsList);
  for (let i = 0; i < parts.length; i++) pos = writePart(to, pos, parts[i]!, sizes.parts[i]!);
  pos = writePrefix(to, pos, EVENT_NAME, kind.length);
  return putLatin1(to, pos, kind);
}

function writePart(to: Buffer, at: number, { name, salt, data }: MadePart, sizes: PartSizes) {
  let pos = writePrefix(to, at, ENTRY, sizes.entry);
  pos = writePrefix(to, pos, KEY, name.length);
  pos = putLatin1(to, pos, name);
  pos = writePrefix(to, pos, VALUE, fieldBytes(sizes.list));
  pos = writePrefix(to, pos, KVLIST_VALUE, sizes.list);
  pos = writePrefix(to, pos, ENTRY, SALT_ENTRY);
  pos = put(to, pos, SALT_HEAD);
  pos = put(to, pos, salt);
  pos = writePrefix(to, pos, ENTRY, sizes.dataEntry);
  pos = put(to, pos, DATA_KEY);
  pos = writePrefix(to, pos, VALUE, fieldBytes(data.length));
  pos = writePrefix(to, pos, BYTES_VALUE, data.length);
  return pos + data.copy(to, pos);
}

const SECOND_NS = 1_000_000_000;
const SECOND_DIGITS = 9;
/** All steps below stay within 2^53 for that many. */
const TIME_DIGITS_MAX = 20;
const U16 = 0x1_0000;
const U32 = 0x1_0000_0000;

/** Unix nanoseconds as fixed64, without a BigInt or a piece of text for each. */
function writeTime(to: Buffer, at: number, t: string): number {
  const digits = t.length - SECOND_DIGITS;
  if (digits <= 0 || t.length > TIME_DIGITS_MAX) {
    return to.writeBigUInt64LE(BigInt.asUintN(64, BigInt(t)), at);
  }
  const seconds = numberIn(t, 0, digits);
  const low = (seconds % U16) * SECOND_NS + numberIn(t, digits, t.length);
  const high = Math.floor(seconds / U16) * SECOND_NS + Math.floor(low / U16);
  to.writeUInt32LE((high % U16) * U16 + (low % U16), at);
  return to.writeUInt32LE(Math.floor(high / U16) % U32, at + 4);
}

const DIGIT_0 = 0x30;

function numberIn(digits: string, start: number, end: number): number {
  let value = 0;
  for (let i = start; i < end; i++) value = value * 10 + digits.charCodeAt(i) - DIGIT_0;
  return value;
}

/** A call into the engine costs more than a loop over so few bytes. */
function put(to: Buffer, at: number, bytes: Uint8Array): number {
  for (let i = 0; i < bytes.length; i++) to[at + i] = bytes[i]!;
  return at + bytes.length;
}

function putLatin1(to: Buffer, at: number, text: string): number {
  for (let i = 0; i < text.length; i++) to[at + i] = text.charCodeAt(i);
  return at + text.length;
}

function writePrefix(to: Buffer, at: number, tag: number, length: number): number {
  to[at] = tag;
  let pos = at + 1;
  let rest = length;
  for (; rest > 0x7f; rest >>>= 7) to[pos++] = (rest & 0x7f) | 0x80;
  to[pos++] = rest;
  return pos;
}

/** `ExportLogsServiceRequest{ResourceLogs{ScopeLogs{log records}}}`; empty without any. */
export function logsRequest(logs: Buffer[]): Buffer {
  if (logs.length === 0) return Buffer.alloc(0);
  const list = logs.reduce((sum, log) => sum + fieldBytes(log.length), 0);
  const scope = fieldBytes(list);
  const to = Buffer.allocUnsafe(fieldBytes(scope));
  let pos = writePrefix(to, 0, ENTRY, scope);
  pos = writePrefix(to, pos, VALUE, list);
  for (const log of logs) {
    pos = writePrefix(to, pos, VALUE, log.length);
    pos += log.copy(to, pos);
  }
  return to;
}
