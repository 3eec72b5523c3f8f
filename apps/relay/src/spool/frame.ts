/**
 * One frame of the spool: `u32 length | u32 crc32 | payload`, little-endian, and what a payload may
 * be. A record lies in it as the OTLP log record that a page carries; the small kinds are JSON. The
 * checksum finds torn writes; it is no protection against an attacker, the ratchet's MAC is.
 */
import { crc32 } from 'node:zlib';
import { isObject, type JsonObject, SPOOL_UNSYNCED_BYTES_MAX } from '@vitrine/schema';
import { bodyOffset, type CarriedRecord, type LogSizes, logSizes, writeLog } from './log-record.ts';

const HEADER_BYTES = 8;
const RECORD = 1;
const JSON_KINDS = { state: 2, ack: 3, shim: 4 } as const;
type JsonKind = keyof typeof JSON_KINDS;

const U48_BYTES = 6;
/** Type, slot, seq, shim, shim's number, offset and length of the record in the log record. */
const RECORD_HEAD_BYTES = 1 + 4 + U48_BYTES + 2 + U48_BYTES + 1 + 4;
const SLOT_AT = 1;
const SEQ_AT = 5;
const FRAMES_BYTES_FIRST = 65_536;
/** What is kept for the next commit: a larger one does not hold its memory for ever. */
const FRAMES_BYTES_KEPT = 2 * SPOOL_UNSYNCED_BYTES_MAX;
/** No shim is named: the record came without a number. */
export const NO_SHIM = 0;

/** What the spool knows of a record beside its bytes. */
export interface RecordPlace {
  /** Number of the chain in this spool. */
  slot: number;
  seq: number;
  /** Number of the shim in this spool, and the highest number seen of it; 0 and 0 without one. */
  shim: number;
  shimLast: number;
}

export interface StoredRecord extends RecordPlace {
  /** The record's exact bytes. */
  bytes: Buffer;
  /** The OTLP log record around them. */
  log: Buffer;
}

export type Frame = { kind: 'record'; record: StoredRecord } | { kind: JsonKind; body: JsonObject };

/** Bytes a record takes in the spool. */
export function recordFrameBytes({ total }: LogSizes): number {
  return HEADER_BYTES + RECORD_HEAD_BYTES + total;
}

/** Frames of one commit, one behind the other in one growing buffer. */
export class FrameWriter {
  #buffer: Buffer;
  length = 0;
  /** Counts how often it was emptied: what was written before is not to be read any more. */
  uses = 0;

  constructor(bytesFirst = FRAMES_BYTES_FIRST) {
    this.#buffer = Buffer.allocUnsafe(bytesFirst);
  }

  /** Empty again, in the same memory. */
  reuse(): void {
    this.uses++;
    this.length = 0;
    if (this.#buffer.length > FRAMES_BYTES_KEPT)
      this.#buffer = Buffer.allocUnsafe(FRAMES_BYTES_FIRST);
  }

  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.length);
  }

  /** Forgets what was written behind `length`. */
  rewind(length: number): void {
    this.length = length;
  }

  record(place: RecordPlace, record: CarriedRecord, sizes: LogSizes = logSizes(record)): void {
    const total = recordFrameBytes(sizes);
    const start = this.#reserve(total);
    const to = this.#buffer;
    let at = to.writeUInt8(RECORD, start + HEADER_BYTES);
    at = to.writeUInt32LE(place.slot, at);
    at = to.writeUIntLE(place.seq, at, U48_BYTES);
    at = to.writeUInt16LE(place.shim, at);
    at = to.writeUIntLE(place.shimLast, at, U48_BYTES);
    at = to.writeUInt8(bodyOffset(sizes, record.bytes), at);
    at = to.writeUInt32LE(record.bytes.length, at);
    writeLog(to, at, record, sizes);
    this.#seal(start, total);
  }

  json(kind: JsonKind, body: JsonObject): void {
    const text = JSON.stringify(body);
    const total = HEADER_BYTES + 1 + Buffer.byteLength(text);
    const start = this.#reserve(total);
    const at = this.#buffer.writeUInt8(JSON_KINDS[kind], start + HEADER_BYTES);
    this.#buffer.write(text, at, 'utf8');
    this.#seal(start, total);
  }

  #reserve(bytes: number): number {
    const start = this.length;
    const needed = start + bytes;
    if (needed > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2));
      this.#buffer.copy(larger, 0, 0, start);
      this.#buffer = larger;
    }
    this.length = needed;
    return start;
  }

  #seal(start: number, total: number): void {
    const payload = this.#buffer.subarray(start + HEADER_BYTES, start + total);
    this.#buffer.writeUInt32LE(payload.length, start);
    this.#buffer.writeUInt32LE(crc32(payload), start + 4);
  }
}

/** Goes over the records between two places of a spool, for pages. */
export class RecordCursor {
  readonly #bytes: Buffer;
  readonly #end: number;
  readonly #isOwn: boolean;
  /** Where the next frame begins. */
  #at: number;
  /** Of the record that `next` found. */
  slot = 0;
  seq = 0;
  /** Of its frame. */
  size = 0;

  /** `isOwn`: the bytes have not left this process, so they need no checksum. */
  constructor(bytes: Buffer, at: number, end: number, isOwn: boolean) {
    this.#bytes = bytes;
    this.#at = at;
    this.#end = end;
    this.#isOwn = isOwn;
  }

  /** False when there is no whole frame; frames that are no records are stepped over. */
  next(): boolean {
    const bytes = this.#bytes;
    for (;;) {
      const at = this.#at;
      if (at + HEADER_BYTES >= this.#end) return false;
      const start = at + HEADER_BYTES;
      const next = start + bytes.readUInt32LE(at);
      if (next <= start || next > this.#end) return false;
      if (!this.#isOwn && !isWhole(bytes, at, next)) return false;
      this.#at = next;
      if (bytes[start] !== RECORD) continue;
      if (next - start < RECORD_HEAD_BYTES) return false;
      this.slot = bytes.readUInt32LE(start + SLOT_AT);
      this.seq = bytes.readUIntLE(start + SEQ_AT, U48_BYTES);
      this.size = next - at;
      return true;
    }
  }

  /** The OTLP log record, a view. */
  get log(): Buffer {
    const start = this.#at - this.size + HEADER_BYTES + RECORD_HEAD_BYTES;
    return this.#bytes.subarray(start, this.#at);
  }
}

function isWhole(bytes: Buffer, at: number, next: number): boolean {
  return crc32(bytes.subarray(at + HEADER_BYTES, next)) === bytes.readUInt32LE(at + 4);
}

/**
 * The frame at `at`, whose parts are views of `bytes`, and where the next one begins. `undefined`
 * when there is no whole one: the end, a torn write, or damage.
 */
export function readFrame(bytes: Buffer, at: number): { frame: Frame; next: number } | undefined {
  if (at + HEADER_BYTES >= bytes.length) return undefined;
  const start = at + HEADER_BYTES;
  const next = start + bytes.readUInt32LE(at);
  if (next <= start || next > bytes.length) return undefined;
  if (!isWhole(bytes, at, next)) return undefined;
  const frame = decode(bytes.subarray(start, next));
  return frame === undefined ? undefined : { frame, next };
}

function decode(payload: Buffer): Frame | undefined {
  try {
    if (payload[0] === RECORD) return { kind: 'record', record: decodeRecord(payload) };
    const kind = (Object.keys(JSON_KINDS) as JsonKind[]).find((k) => JSON_KINDS[k] === payload[0]);
    const body: unknown = JSON.parse(payload.toString('utf8', 1));
    return kind === undefined || !isObject(body) ? undefined : { kind, body };
  } catch (error) {
    // A payload with a good checksum that is no frame was not written by this version.
    if (error instanceof RangeError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function decodeRecord(payload: Buffer): StoredRecord {
  const slot = payload.readUInt32LE(SLOT_AT);
  const seq = payload.readUIntLE(SEQ_AT, U48_BYTES);
  const shim = payload.readUInt16LE(11);
  const shimLast = payload.readUIntLE(13, U48_BYTES);
  const offset = payload.readUInt8(19);
  const length = payload.readUInt32LE(20);
  const log = payload.subarray(RECORD_HEAD_BYTES);
  if (offset + length > log.length) throw new RangeError('a record runs past its frame');
  return { slot, seq, shim, shimLast, bytes: log.subarray(offset, offset + length), log };
}
