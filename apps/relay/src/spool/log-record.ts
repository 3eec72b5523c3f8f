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
  bytes: Buffer;
  mac: Buffer;
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
  const sizes = parts.map(partSizes);
  const partsList = sizes.reduce((sum, { entry }) => sum + fieldBytes(entry), 0);
  const body = fieldBytes(bytes.length);
  const attributes = fieldBytes(MAC_ATTRIBUTE) + fieldBytes(partsAttribute(partsList));
  const total = TIME_BYTES + fieldBytes(body) + attributes + fieldBytes(kind.length);
  return { parts: sizes, partsList, body, total };
}

/** Where the exact bytes of the record begin in its log record. */
export function bodyOffset({ body }: LogSizes, bytes: Buffer): number {
  return TIME_BYTES + fieldBytes(body) - bytes.length;
}

/** Writes the log record at `at`; returns where it ends. */
export function writeLog(to: Buffer, at: number, record: CarriedRecord, sizes: LogSizes): number {
  const { kind, t, bytes, mac, parts } = record;
  to[at] = TIME;
  let pos = to.writeBigUInt64LE(BigInt.asUintN(64, BigInt(t)), at + 1);
  pos = writePrefix(to, pos, BODY, sizes.body);
  pos = writePrefix(to, pos, BYTES_VALUE, bytes.length);
  pos += bytes.copy(to, pos);
  pos = writePrefix(to, pos, ATTRIBUTE, MAC_ATTRIBUTE);
  pos += MAC_HEAD.copy(to, pos);
  pos += mac.copy(to, pos);
  pos = writePrefix(to, pos, ATTRIBUTE, partsAttribute(sizes.partsList));
  pos += PARTS_KEY.copy(to, pos);
  pos = writePrefix(to, pos, VALUE, fieldBytes(sizes.partsList));
  pos = writePrefix(to, pos, KVLIST_VALUE, sizes.partsList);
  for (let i = 0; i < parts.length; i++) pos = writePart(to, pos, parts[i]!, sizes.parts[i]!);
  pos = writePrefix(to, pos, EVENT_NAME, kind.length);
  return pos + to.write(kind, pos, 'latin1');
}

function writePart(to: Buffer, at: number, { name, salt, data }: MadePart, sizes: PartSizes) {
  let pos = writePrefix(to, at, ENTRY, sizes.entry);
  pos = writePrefix(to, pos, KEY, name.length);
  pos += to.write(name, pos, 'latin1');
  pos = writePrefix(to, pos, VALUE, fieldBytes(sizes.list));
  pos = writePrefix(to, pos, KVLIST_VALUE, sizes.list);
  pos = writePrefix(to, pos, ENTRY, SALT_ENTRY);
  pos += SALT_HEAD.copy(to, pos);
  pos += salt.copy(to, pos);
  pos = writePrefix(to, pos, ENTRY, sizes.dataEntry);
  pos += DATA_KEY.copy(to, pos);
  pos = writePrefix(to, pos, VALUE, fieldBytes(data.length));
  pos = writePrefix(to, pos, BYTES_VALUE, data.length);
  return pos + data.copy(to, pos);
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
