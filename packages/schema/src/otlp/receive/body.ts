/**
 * Gathers a request body within its bounds: bytes as sent, bytes after decompression, their ratio,
 * and what all bodies of the receiver hold together. Nothing of a body that breaks one is kept.
 */
import { SchemaError } from '../../error.ts';
import { INTAKE_REQUEST_BYTES_MIN, OTLP_UNPACKED_RATIO_MAX } from '../../limits.ts';
import type { Memory } from './budget.ts';
import { type Packing, unpack } from './unpack.ts';

const BODY_BYTES_FIRST = 16_384;
/** Of a body whose length is declared, an eighth has come before there is room for all of it. */
const GROWTH_DECLARED = 8;

/** A body and what it takes of the budget; whoever has it calls `release` when it is done with. */
export class BodyBuffer {
  readonly #memory: Memory;
  readonly #bytesMax: number;
  #held = 0;
  #buffer = Buffer.alloc(0);
  #length = 0;
  #declared = 0;

  /** `bytesMax` holds before and after decompression. */
  constructor(memory: Memory, bytesMax: number) {
    this.#memory = memory;
    this.#bytesMax = bytesMax;
  }

  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  /** Before the first byte. `declared` is 0 where no length is. Throws as `append` does. */
  begin(declared: number): void {
    if (declared > this.#bytesMax) throw this.#tooLarge();
    this.#declared = declared;
    this.#hold(INTAKE_REQUEST_BYTES_MIN);
  }

  /**
   * Copies: a list of chunks would let a sender of single bytes hold a hundred times as much.
   * Throws OTLP_TOO_LARGE or OTLP_OVERLOADED.
   */
  append(chunk: Buffer): void {
    const needed = this.#length + chunk.length;
    if (needed > this.#bytesMax) throw this.#tooLarge();
    if (needed > this.#buffer.length) {
      const wanted = Math.max(needed, this.#growth(needed), BODY_BYTES_FIRST);
      const larger = Math.min(wanted, this.#bytesMax);
      this.#hold(larger - this.#buffer.length);
      const buffer = Buffer.allocUnsafeSlow(larger);
      this.#buffer.copy(buffer, 0, 0, this.#length);
      this.#buffer = buffer;
    }
    chunk.copy(this.#buffer, this.#length);
    this.#length = needed;
  }

  /** Throws OTLP_MALFORMED for what is not packed so, OTLP_TOO_LARGE or OTLP_OVERLOADED. */
  unpack(packing: Packing): void {
    if (packing === 'identity') return;
    const packed = this.bytes;
    const bytesMax = Math.min(this.#bytesMax, packed.length * OTLP_UNPACKED_RATIO_MAX);
    const unpacked = unpack(packing, packed, bytesMax);
    if (unpacked === undefined) throw this.#tooLarge();
    this.#buffer = unpacked;
    this.#length = unpacked.length;
    this.#hold(Math.max(0, unpacked.length - packed.length));
  }

  /** May be called again. */
  release(): void {
    this.#memory.give(this.#held);
    this.#held = 0;
  }

  /** What was declared is believed as far as a good part of it has come. */
  #growth(needed: number): number {
    if (this.#declared === 0) return 2 * this.#buffer.length;
    return Math.min(this.#declared, GROWTH_DECLARED * needed);
  }

  #hold(bytes: number): void {
    if (!this.#memory.take(bytes)) {
      const message = 'the requests in flight hold all memory this sender may use now';
      throw new SchemaError('OTLP_OVERLOADED', message, 'send again in a second');
    }
    this.#held += bytes;
  }

  #tooLarge(): SchemaError {
    const message =
      `the body has more than ${this.#bytesMax} bytes, ` +
      `or more than ${OTLP_UNPACKED_RATIO_MAX} times what was sent`;
    return new SchemaError('OTLP_TOO_LARGE', message, 'send smaller batches');
  }
}
