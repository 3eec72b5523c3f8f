/**
 * Reads a request body within its bounds: bytes on the wire, bytes after decompression, their
 * ratio, and what all requests of the intake hold together. Nothing of a body that breaks a bound
 * is kept.
 */
import type { IncomingMessage } from 'node:http';
import { gunzipSync } from 'node:zlib';
import {
  INTAKE_REQUEST_BYTES_MIN,
  OTLP_BODY_BYTES_MAX,
  OTLP_GZIP_RATIO_MAX,
  SchemaError,
} from '@vitrine/schema';
import { RelayError, systemCode } from '../error.ts';
import type { Budget } from './budget.ts';

const BODY_BYTES_FIRST = 16_384;

/** A body and what it takes of the budget; whoever has it calls `release` once. */
export class Body {
  readonly #budget: Budget;
  #held = 0;
  #buffer = Buffer.alloc(0);
  #length = 0;

  constructor(budget: Budget) {
    this.#budget = budget;
  }

  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  /**
   * Throws OTLP_TOO_LARGE, OTLP_MALFORMED (no gzip), ENCODING_UNKNOWN or OVERLOADED; a request that
   * its sender gave up throws what the socket says.
   */
  async read(request: IncomingMessage): Promise<void> {
    const encoding = request.headers['content-encoding'] ?? 'identity';
    if (encoding !== 'identity' && encoding !== 'gzip') {
      const message = `content-encoding ${encoding.slice(0, 64)} is not known`;
      throw new RelayError('ENCODING_UNKNOWN', message, 'send gzip, or no content-encoding');
    }
    if (Number(request.headers['content-length'] ?? 0) > OTLP_BODY_BYTES_MAX) throw tooLarge();
    this.#hold(INTAKE_REQUEST_BYTES_MIN);
    // Not destroyed when a bound breaks: the sender must still hear why.
    for await (const chunk of request.iterator({ destroyOnReturn: false })) this.#append(chunk);
    if (encoding === 'gzip') this.#inflate();
  }

  release(): void {
    this.#budget.give(this.#held);
    this.#held = 0;
  }

  /** Copies: a list of chunks would let a sender of single bytes hold a hundred times as much. */
  #append(chunk: Buffer): void {
    const needed = this.#length + chunk.length;
    if (needed > OTLP_BODY_BYTES_MAX) throw tooLarge();
    if (needed > this.#buffer.length) {
      const wanted = Math.max(needed, 2 * this.#buffer.length, BODY_BYTES_FIRST);
      const larger = Math.min(wanted, OTLP_BODY_BYTES_MAX);
      this.#hold(larger - this.#buffer.length);
      const buffer = Buffer.allocUnsafeSlow(larger);
      this.#buffer.copy(buffer, 0, 0, this.#length);
      this.#buffer = buffer;
    }
    chunk.copy(this.#buffer, this.#length);
    this.#length = needed;
  }

  /** Synchronous, so that one body is unpacked at a time whatever many senders do. */
  #inflate(): void {
    const packed = this.bytes;
    const maxOutputLength = Math.min(OTLP_BODY_BYTES_MAX, packed.length * OTLP_GZIP_RATIO_MAX);
    if (packed.length === 0) throw noGzip();
    try {
      this.#buffer = gunzipSync(packed, { maxOutputLength });
    } catch (cause) {
      if (systemCode(cause) === 'ERR_BUFFER_TOO_LARGE') throw tooLarge();
      throw noGzip(cause);
    }
    this.#length = this.#buffer.length;
    this.#hold(Math.max(0, this.#length - packed.length));
  }

  #hold(bytes: number): void {
    if (!this.#budget.take(bytes)) {
      const message = 'the requests in flight hold all memory this intake may use';
      throw new RelayError('OVERLOADED', message, 'send again in a second');
    }
    this.#held += bytes;
  }
}

function tooLarge(): SchemaError {
  const message =
    `the body has more than ${OTLP_BODY_BYTES_MAX} bytes, ` +
    `or more than ${OTLP_GZIP_RATIO_MAX} times what was sent`;
  return new SchemaError('OTLP_TOO_LARGE', message, 'send smaller batches');
}

function noGzip(cause?: unknown): SchemaError {
  const hint = 'send it again, or without content-encoding';
  return new SchemaError('OTLP_MALFORMED', 'the body is no gzip stream', hint, { cause });
}
