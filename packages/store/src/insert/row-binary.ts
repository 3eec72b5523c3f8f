/**
 * Writes ClickHouse's RowBinary: the only format that carries raw hashes, and the cheapest to make.
 * Integers are little-endian, texts and bytes have a LEB128 length before them.
 */
const BUFFER_BYTES_MIN = 1_024;
/** Up to here the length of a text takes one byte if all of it is ASCII. */
const SHORT_CHARS_MAX = 127;
const VARINT_BYTES_MAX = 5;
const ASCII_MAX = 0x7f;
const TWO_16 = 2 ** 16;
const TWO_32 = 2 ** 32;
const TEN_9 = 1e9;
const LOW_DIGITS = 9;
/** Of 2^63 − 1. */
const INT64_DIGITS_MAX = 19;
const DIGIT_0 = 0x30;

/**
 * Buffers of bodies that the engine has taken, for those that follow: memory outside the heap that
 * is made anew for each batch makes the garbage collector go through the whole heap.
 */
const spare: Buffer[] = [];
const SPARES_MAX = 16;
const SPARE_BYTES_MIN = 65_536;
const SPARE_BYTES_MAX = 2_097_152;
const recyclable = new WeakSet<ArrayBufferLike>();

/** Nothing may read `body` any more, not even a socket. */
export function recycle({ buffer }: Buffer): void {
  if (spare.length < SPARES_MAX && recyclable.delete(buffer)) spare.push(Buffer.from(buffer));
}

function bufferOf(bytes: number): Buffer {
  if (bytes < SPARE_BYTES_MIN) return Buffer.allocUnsafe(bytes);
  const at = spare.findIndex(({ length }) => length >= bytes);
  const found = at < 0 ? Buffer.allocUnsafeSlow(bytes) : spare.splice(at, 1)[0]!;
  if (at < 0) spare.shift();
  if (found.length <= SPARE_BYTES_MAX) recyclable.add(found.buffer);
  return found;
}

export class RowBinary {
  #bytes: Buffer;
  #at = 0;

  constructor(sizeGuess: number) {
    this.#bytes = bufferOf(Math.max(BUFFER_BYTES_MIN, sizeGuess));
  }

  uint8(value: number): this {
    this.#room(1);
    this.#bytes[this.#at++] = value;
    return this;
  }

  /** A safe integer, as UInt64. */
  uint64(value: number): this {
    this.#room(8);
    this.#word(value % TWO_32);
    this.#word(Math.floor(value / TWO_32));
    return this;
  }

  int64(value: bigint): this {
    this.#room(8);
    this.#bytes.writeBigInt64LE(value, this.#at);
    this.#at += 8;
    return this;
  }

  /**
   * Decimal text of 0 … 2^63 − 1, as Int64: with numbers alone, for a bigint of each time of each
   * row costs more than its whole row does otherwise.
   */
  int64Text(value: string): this {
    if (value.length > INT64_DIGITS_MAX) return this.int64(BigInt(value));
    const split = Math.max(0, value.length - LOW_DIGITS);
    const high = digitsIn(value, 0, split);
    // value = high · 10^9 + low, with high as two halves, so that no product leaves 2^53.
    const upper = Math.floor(high / TWO_16) * TEN_9;
    const lower = (high % TWO_16) * TEN_9 + digitsIn(value, split, value.length);
    const low = (upper % TWO_16) * TWO_16 + lower;
    this.#room(8);
    this.#word(low % TWO_32);
    this.#word(Math.floor(upper / TWO_16) + Math.floor(low / TWO_32));
    return this;
  }

  text(value: string): this {
    if (value.length <= SHORT_CHARS_MAX && this.#ascii(value)) return this;
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

  /** A length, as LEB128. */
  varint(value: number): this {
    this.#room(VARINT_BYTES_MAX);
    this.#varint(value);
    return this;
  }

  /** Little-endian, of one byte each where they are `narrow`, else of two. */
  indices(values: Uint16Array, narrow: boolean): this {
    this.#room(values.length * 2);
    const bytes = this.#bytes;
    let at = this.#at;
    for (let i = 0; i < values.length; i++) {
      const value = values[i]!;
      bytes[at++] = value;
      if (!narrow) bytes[at++] = value >>> 8;
    }
    this.#at = at;
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

  /** A short text, by a loop: a call into the engine costs more. False if it is not ASCII. */
  #ascii(value: string): boolean {
    this.#room(1 + value.length);
    const bytes = this.#bytes;
    let at = this.#at;
    bytes[at++] = value.length;
    for (let i = 0; i < value.length; i++) {
      const unit = value.charCodeAt(i);
      if (unit > ASCII_MAX) return false;
      bytes[at++] = unit;
    }
    this.#at = at;
    return true;
  }

  #word(value: number): void {
    const bytes = this.#bytes;
    const at = this.#at;
    bytes[at] = value;
    bytes[at + 1] = value >>> 8;
    bytes[at + 2] = value >>> 16;
    bytes[at + 3] = value >>> 24;
    this.#at = at + 4;
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
    const larger = bufferOf(Math.max(this.#bytes.length * 2, this.#at + bytes));
    this.#bytes.copy(larger, 0, 0, this.#at);
    this.#bytes = larger;
  }
}

function digitsIn(text: string, start: number, end: number): number {
  let value = 0;
  for (let i = start; i < end; i++) value = value * 10 + text.charCodeAt(i) - DIGIT_0;
  return value;
}
