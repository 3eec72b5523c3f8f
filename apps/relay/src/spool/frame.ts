/**
 * One frame of the spool: `u32 length | u32 crc32 | payload`, little-endian, and what a payload may
 * be. A record travels with its MAC and its parts; the small kinds are JSON. The checksum finds torn
 * writes; it is no protection against an attacker, the ratchet's MAC is.
 */
import { crc32 } from 'node:zlib';
import { isObject, type JsonObject, PART_SALT_BYTES } from '@vitrine/schema';

const HEADER_BYTES = 8;
const RECORD = 1;
const JSON_KINDS = { state: 2, ack: 3, shim: 4 } as const;
type JsonKind = keyof typeof JSON_KINDS;

const MAC_BYTES = 32;
const U48_BYTES = 6;
/** Type, slot, seq, shim, shim's number, time, MAC, record length, part count, kind length. */
const RECORD_HEAD_BYTES = 1 + 4 + U48_BYTES + 2 + U48_BYTES + 8 + MAC_BYTES + 4 + 2 + 1;
const FRAMES_BYTES_FIRST = 65_536;
/** No shim is named: the record came without a number. */
export const NO_SHIM = 0;

export interface StoredPart {
  name: string;
  salt: Buffer;
  data: Buffer;
}

export interface StoredRecord {
  /** Number of the chain in this spool. */
  slot: number;
  seq: number;
  /** As in the record, so that a page can be made without reading it. */
  kind: string;
  /** Unix nanoseconds, decimal text; of a longer one, the low 64 bits. */
  t: string;
  mac: Buffer;
  bytes: Buffer;
  parts: StoredPart[];
  /** Number of the shim in this spool, and the highest number seen of it; 0 and 0 without one. */
  shim: number;
  shimLast: number;
}

export type Frame = { kind: 'record'; record: StoredRecord } | { kind: JsonKind; body: JsonObject };

/** Bytes a record takes in the spool. */
export function recordFrameBytes(kind: string, bytes: Buffer, parts: StoredPart[]): number {
  let total = HEADER_BYTES + RECORD_HEAD_BYTES + kind.length + bytes.length;
  for (const part of parts) {
    total += 1 + Buffer.byteLength(part.name) + PART_SALT_BYTES + 4 + part.data.length;
  }
  return total;
}

/** Frames of one commit, one behind the other in one growing buffer. */
export class FrameWriter {
  #buffer = Buffer.allocUnsafe(FRAMES_BYTES_FIRST);
  length = 0;

  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.length);
  }

  /** Forgets what was written behind `length`. */
  rewind(length: number): void {
    this.length = length;
  }

  record(record: StoredRecord): void {
    const total = recordFrameBytes(record.kind, record.bytes, record.parts);
    const start = this.#reserve(total);
    const to = this.#buffer;
    let at = to.writeUInt8(RECORD, start + HEADER_BYTES);
    at = to.writeUInt32LE(record.slot, at);
    at = to.writeUIntLE(record.seq, at, U48_BYTES);
    at = to.writeUInt16LE(record.shim, at);
    at = to.writeUIntLE(record.shimLast, at, U48_BYTES);
    at = to.writeBigUInt64LE(BigInt.asUintN(64, BigInt(record.t)), at);
    at += record.mac.copy(to, at);
    at = to.writeUInt32LE(record.bytes.length, at);
    at = to.writeUInt16LE(record.parts.length, at);
    at = to.writeUInt8(record.kind.length, at);
    at += to.write(record.kind, at, 'latin1');
    at += record.bytes.copy(to, at);
    for (const part of record.parts) {
      const name = to.write(part.name, at + 1, 'latin1');
      to.writeUInt8(name, at);
      at += 1 + name;
      at += part.salt.copy(to, at);
      at = to.writeUInt32LE(part.data.length, at);
      at += part.data.copy(to, at);
    }
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

/**
 * The frame at `at`, whose parts are views of `bytes`, and where the next one begins. `undefined`
 * when there is no whole one: the end, a torn write, or damage.
 */
export function readFrame(bytes: Buffer, at: number): { frame: Frame; next: number } | undefined {
  if (at + HEADER_BYTES >= bytes.length) return undefined;
  const start = at + HEADER_BYTES;
  const next = start + bytes.readUInt32LE(at);
  if (next <= start || next > bytes.length) return undefined;
  const payload = bytes.subarray(start, next);
  if (crc32(payload) !== bytes.readUInt32LE(at + 4)) return undefined;
  const frame = decode(payload);
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
  let at = 1;
  const skip = (bytes: number): number => {
    const from = at;
    at += bytes;
    if (at > payload.length) throw new RangeError('a record runs past the end of its frame');
    return from;
  };
  const take = (bytes: number): Buffer => payload.subarray(skip(bytes), at);
  const slot = payload.readUInt32LE(skip(4));
  const seq = payload.readUIntLE(skip(U48_BYTES), U48_BYTES);
  const shim = payload.readUInt16LE(skip(2));
  const shimLast = payload.readUIntLE(skip(U48_BYTES), U48_BYTES);
  const t = String(payload.readBigUInt64LE(skip(8)));
  const mac = take(MAC_BYTES);
  const length = payload.readUInt32LE(skip(4));
  const count = payload.readUInt16LE(skip(2));
  const kind = take(payload.readUInt8(skip(1))).toString('latin1');
  const bytes = take(length);
  const parts: StoredPart[] = [];
  for (let i = 0; i < count; i++) {
    const name = take(payload.readUInt8(skip(1))).toString('latin1');
    const salt = take(PART_SALT_BYTES);
    parts.push({ name, salt, data: take(payload.readUInt32LE(skip(4))) });
  }
  return { slot, seq, kind, t, mac, bytes, parts, shim, shimLast };
}
