/**
 * Reads the protobuf wire format (https://protobuf.dev/programming-guides/encoding/) from hostile
 * bytes: every length is checked against the message it is in, and every failure is
 * `OTLP_MALFORMED`. Knows nothing of OTLP's messages.
 */
import { SchemaError } from '../error.ts';
import { OTLP_VALUES_MAX } from '../limits.ts';
import { internText } from './intern.ts';

export const VARINT = 0;
export const FIXED64 = 1;
export const BYTES = 2;
export const FIXED32 = 5;

const TWO_28 = 0x1000_0000;

export function malformed(message: string, cause?: unknown): SchemaError {
  const hint = 'the body must be an OTLP export request in the encoding its content type names';
  return new SchemaError('OTLP_MALFORMED', message, hint, { cause });
}

export class WireReader {
  readonly bytes: Buffer;
  pos = 0;
  /** End of the message being read; `enter` narrows it and `leave` widens it again. */
  end: number;
  #values = 0;

  constructor(body: Uint8Array) {
    this.bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
    this.end = this.bytes.length;
  }

  /** Counts one value: two bytes of input can become an object a hundred times that size. */
  countValue(): void {
    if (++this.#values > OTLP_VALUES_MAX) throw tooManyValues();
  }

  /** Goes into a length-delimited message; returns what `leave` needs. */
  enter(): number {
    const outer = this.end;
    const length = this.length();
    this.end = this.pos + length;
    return outer;
  }

  leave(outer: number): void {
    this.pos = this.end;
    this.end = outer;
  }

  /** A length prefix; what it measures is known to fit the message around it. */
  length(): number {
    const length = this.varint();
    if (length > this.end - this.pos) throw malformed('a length runs past the end of its message');
    return length;
  }

  /** A field's tag: `number << 3 | wire type`. */
  tag(): number {
    const tag = this.varint();
    if (tag < 8 || tag > 0xffff_ffff) throw malformed('a field has no valid number');
    return tag;
  }

  /** Exact up to 2^53; only for tags, lengths and 32-bit values. */
  varint(): number {
    const { pos } = this;
    const byte = pos < this.end ? this.bytes[pos]! : 0x80;
    if (byte >= 0x80) return this.#longVarint();
    this.pos = pos + 1;
    return byte;
  }

  #longVarint(): number {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < 10; i++) {
      const byte = this.#byte();
      if (byte < 0x80) return value + byte * scale;
      value += (byte & 0x7f) * scale;
      scale *= 128;
    }
    throw malformed('a varint has more than ten bytes');
  }

  uint32(): number {
    return Number(BigInt.asUintN(32, BigInt(this.int64())));
  }

  int32(): number {
    return Number(BigInt.asIntN(32, BigInt(this.int64())));
  }

  /** A number where it is a safe integer, else a bigint. */
  int64(): number | bigint {
    const low = this.#group();
    if (low < TWO_28) return low;
    const middle = this.#group();
    if (middle < 0x200_0000) return low - TWO_28 + middle * TWO_28;
    let high = 0;
    if (middle >= TWO_28) {
      const first = this.#byte();
      high = first & 0x7f;
      if (first >= 0x80) {
        const last = this.#byte();
        if (last >= 0x80) throw malformed('a varint has more than ten bytes');
        high |= last << 7;
      }
    }
    const bits = (BigInt(high) << 56n) | (BigInt(middle % TWO_28) << 28n) | BigInt(low - TWO_28);
    return compact(BigInt.asIntN(64, bits));
  }

  uint64(): bigint {
    return BigInt.asUintN(64, BigInt(this.int64()));
  }

  fixed32(): number {
    return this.bytes.readUInt32LE(this.#take(4));
  }

  fixed64(): bigint {
    return this.bytes.readBigUInt64LE(this.#take(8));
  }

  sfixed64(): bigint {
    return this.bytes.readBigInt64LE(this.#take(8));
  }

  double(): number {
    return this.bytes.readDoubleLE(this.#take(8));
  }

  bool(): boolean {
    return this.int64() !== 0;
  }

  /** UTF-8; an invalid sequence becomes U+FFFD. */
  text(): string {
    const length = this.length();
    const start = this.pos;
    this.pos = start + length;
    return internText(this.bytes, start, this.pos);
  }

  hex(): string {
    const length = this.length();
    const start = this.pos;
    this.pos = start + length;
    return this.bytes.toString('hex', start, this.pos);
  }

  /** A view of the body, not a copy. */
  blob(): Buffer {
    const length = this.length();
    const start = this.pos;
    this.pos = start + length;
    return this.bytes.subarray(start, this.pos);
  }

  /** Unknown fields are ignored (OTLP 1.11, JSON mapping; protobuf does the same). */
  skip(tag: number): void {
    const wire = tag & 7;
    if (wire === VARINT) this.int64();
    else if (wire === FIXED64) this.#take(8);
    else if (wire === BYTES) this.leave(this.enter());
    else if (wire === FIXED32) this.#take(4);
    else throw malformed(`wire type ${wire} is not used by OTLP`);
  }

  #byte(): number {
    if (this.pos >= this.end) throw malformed('the message ends inside a field');
    return this.bytes[this.pos++]!;
  }

  /** Four varint bytes as 28 bits; 2^28 is added when the varint goes on behind them. */
  #group(): number {
    let value = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.#byte();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    return value + TWO_28;
  }

  #take(bytes: number): number {
    const start = this.pos;
    if (this.end - start < bytes) throw malformed('the message ends inside a field');
    this.pos = start + bytes;
    return start;
  }
}

export function tooManyValues(): SchemaError {
  const message = `the request has more than ${OTLP_VALUES_MAX} values`;
  return new SchemaError('OTLP_TOO_LARGE', message, 'send smaller batches');
}

function compact(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
