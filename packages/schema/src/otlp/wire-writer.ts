/**
 * Writes the protobuf wire format from the end to the beginning, so that a message's length is
 * known when its prefix is written and nothing is measured twice. Callers write fields in reverse.
 */
import { BYTES, FIXED32, FIXED64, VARINT } from './wire.ts';

const START_BYTES = 4_096;

export class WireWriter {
  #buffer = Buffer.allocUnsafe(START_BYTES);
  #pos = START_BYTES;

  /** Bytes written so far: `message` takes it as the place where the message ended. */
  get size(): number {
    return this.#buffer.length - this.#pos;
  }

  finish(): Buffer {
    return Buffer.from(this.#buffer.subarray(this.#pos));
  }

  /** Closes a message whose fields were written since `size` was `before`. */
  message(field: number, before: number): void {
    this.#varint(this.size - before);
    this.#varint((field << 3) | BYTES);
  }

  text(field: number, text: string): void {
    const bytes = Buffer.byteLength(text);
    this.#room(bytes);
    this.#buffer.write(text, this.#pos, 'utf8');
    this.#prefix(field, bytes);
  }

  blob(field: number, data: Uint8Array): void {
    this.#room(data.length);
    this.#buffer.set(data, this.#pos);
    this.#prefix(field, data.length);
  }

  /** int64 and smaller; negative numbers take ten bytes, as protobuf has it. */
  integer(field: number, value: number | bigint): void {
    if (typeof value === 'number' && value >= 0) this.#varint(value);
    else this.#longVarint(BigInt.asUintN(64, BigInt(value)));
    this.#varint((field << 3) | VARINT);
  }

  bool(field: number, value: boolean): void {
    this.integer(field, value ? 1 : 0);
  }

  double(field: number, value: number): void {
    this.#room(8);
    this.#buffer.writeDoubleLE(value, this.#pos);
    this.#varint((field << 3) | FIXED64);
  }

  fixed64(field: number, value: bigint): void {
    this.#room(8);
    this.#buffer.writeBigUInt64LE(value, this.#pos);
    this.#varint((field << 3) | FIXED64);
  }

  fixed32(field: number, value: number): void {
    this.#room(4);
    this.#buffer.writeUInt32LE(value, this.#pos);
    this.#varint((field << 3) | FIXED32);
  }

  #prefix(field: number, bytes: number): void {
    this.#varint(bytes);
    this.#varint((field << 3) | BYTES);
  }

  #varint(value: number): void {
    if (value > 0x7fff_ffff) {
      this.#longVarint(BigInt(value));
      return;
    }
    let bytes = 1;
    for (let rest = value >>> 7; rest > 0; rest >>>= 7) bytes++;
    this.#room(bytes);
    let rest = value;
    for (let i = 0; i < bytes; i++) {
      this.#buffer[this.#pos + i] = i + 1 < bytes ? (rest & 0x7f) | 0x80 : rest & 0x7f;
      rest >>>= 7;
    }
  }

  #longVarint(value: bigint): void {
    const bytes: number[] = [];
    for (let rest = value; ; rest >>= 7n) {
      const low = Number(rest & 0x7fn);
      bytes.push(rest > 0x7fn ? low | 0x80 : low);
      if (rest <= 0x7fn) break;
    }
    this.#room(bytes.length);
    this.#buffer.set(bytes, this.#pos);
  }

  #room(bytes: number): void {
    if (this.#pos < bytes) {
      const used = this.size;
      const grown = Buffer.allocUnsafe(Math.max(2 * this.#buffer.length, used + bytes));
      this.#buffer.copy(grown, grown.length - used, this.#pos);
      this.#pos = grown.length - used;
      this.#buffer = grown;
    }
    this.#pos -= bytes;
  }
}
