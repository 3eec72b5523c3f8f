/**
 * Writes ClickHouse's RowBinary: the only format that carries raw hashes, and the cheapest to make.
 * Integers are little-endian, texts and bytes have a LEB128 length before them.
 */
const BUFFER_BYTES_MIN = 1_024;
/** Up to here the length of a text takes one byte, whatever its characters are. */
const SHORT_CHARS_MAX = 31;
const VARINT_BYTES_MAX = 5;
const UTF8_BYTES_PER_UNIT_MAX = 3;

export class RowBinary {
  #bytes: Buffer;
  #at = 0;

  constructor(sizeGuess: number) {
    this.#bytes = Buffer.allocUnsafe(Math.max(BUFFER_BYTES_MIN, sizeGuess));
  }

  uint8(value: number): this {
    this.#room(1);
    this.#bytes[this.#at++] = value;
    return this;
  }

  /** A safe integer, as UInt64. */
  uint64(value: number): this {
    this.#room(8);
    this.#bytes.writeUInt32LE(value % 2 ** 32, this.#at);
    this.#bytes.writeUInt32LE(Math.floor(value / 2 ** 32), this.#at + 4);
    this.#at += 8;
    return this;
  }

  int64(value: bigint): this {
    this.#room(8);
    this.#bytes.writeBigInt64LE(value, this.#at);
    this.#at += 8;
    return this;
  }

  text(value: string): this {
    if (value.length <= SHORT_CHARS_MAX) {
      this.#room(1 + value.length * UTF8_BYTES_PER_UNIT_MAX);
      const length = this.#bytes.write(value, this.#at + 1, 'utf8');
      this.#bytes[this.#at] = length;
      this.#at += 1 + length;
      return this;
    }
    const length = Buffer.byteLength(value, 'utf8');
    this.#room(VARINT_BYTES_MAX + length);
    this.#varint(length);
    this.#at += this.#bytes.write(value, this.#at, 'utf8');
    return this;
  }

  bytes(value: Buffer): this {
    this.#room(VARINT_BYTES_MAX + value.length);
    this.#varint(value.length);
    this.#at += value.copy(this.#bytes, this.#at);
    return this;
  }

  /** FixedString: no length. */
  fixed(value: Buffer): this {
    this.#room(value.length);
    this.#at += value.copy(this.#bytes, this.#at);
    return this;
  }

  done(): Buffer {
    return this.#bytes.subarray(0, this.#at);
  }

  #varint(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.#bytes[this.#at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.#bytes[this.#at++] = rest;
  }

  #room(bytes: number): void {
    if (this.#at + bytes <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#at + bytes));
    this.#bytes.copy(larger, 0, 0, this.#at);
    this.#bytes = larger;
  }
}
