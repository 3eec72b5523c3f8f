/**
 * Reads ClickHouse's RowBinary cell by cell, as `insert/row-binary.ts` writes it. Relies on an
 * answer being whole: cells come in the order in which a question has named its columns.
 */
import { StoreError } from '../error.ts';

const UINT32 = 2 ** 32;
/** Up to here it is cheaper to compare a text with the last one than to decode it. */
const REPEATED_BYTES_MAX = 48;
const ASCII_MAX = 0x7f;

/** The last text of a column in which many rows say the same. */
export class Repeated {
  bytes: Uint8Array = new Uint8Array(0);
  text = '';
}

export class Cells {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length;
  }

  uint8(): number {
    return this.#bytes[this.#take(1)]!;
  }

  /** Exact up to 2^53. */
  uint64(): number {
    const at = this.#take(8);
    return this.#bytes.readUInt32LE(at) + this.#bytes.readUInt32LE(at + 4) * UINT32;
  }

  /** Exact up to 2^53 on either side. */
  int64(): number {
    const at = this.#take(8);
    return this.#bytes.readUInt32LE(at) + this.#bytes.readInt32LE(at + 4) * UINT32;
  }

  int64Text(): string {
    return String(this.#bytes.readBigInt64LE(this.#take(8)));
  }

  text(): string {
    const length = this.#varint();
    const at = this.#take(length);
    return this.#bytes.toString('utf8', at, at + length);
  }

  repeated(last: Repeated): string {
    const length = this.#varint();
    const at = this.#take(length);
    if (length === last.bytes.length && this.#equals(last.bytes, at)) return last.text;
    const text = this.#bytes.toString('utf8', at, at + length);
    if (length <= REPEATED_BYTES_MAX) {
      last.bytes = this.#bytes.subarray(at, at + length);
      last.text = text;
    }
    return text;
  }

  /** Whether the next text is this one; decodes nothing as long as it is ASCII. */
  says(text: string): boolean {
    const length = this.#varint();
    const at = this.#take(length);
    const bytes = this.#bytes;
    if (length < text.length) return false;
    for (let i = 0; i < text.length; i++) {
      const c = text.charCodeAt(i);
      if (c > ASCII_MAX) return bytes.toString('utf8', at, at + length) === text;
      if (bytes[at + i] !== c) return false;
    }
    return length === text.length;
  }

  /** A view. */
  bytes(): Buffer {
    const length = this.#varint();
    return this.fixed(length);
  }

  /** A view of a FixedString. */
  fixed(length: number): Buffer {
    const at = this.#take(length);
    return this.#bytes.subarray(at, at + length);
  }

  fixedBase64(length: number): string {
    const at = this.#take(length);
    return this.#bytes.toString('base64', at, at + length);
  }

  #equals(last: Uint8Array, at: number): boolean {
    for (let i = 0; i < last.length; i++) if (this.#bytes[at + i] !== last[i]) return false;
    return true;
  }

  #take(length: number): number {
    const at = this.#at;
    this.#at += length;
    if (this.#at <= this.#bytes.length) return at;
    throw new StoreError('READ_FAILED', 'an answer of the store ends in the middle of a row');
  }

  #varint(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.uint8();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  }
}
