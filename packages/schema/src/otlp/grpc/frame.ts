/**
 * Length-prefixed messages (gRPC over HTTP/2, "Length-Prefixed-Message"): one flag, four bytes of
 * length, the message. A unary request has exactly one.
 */
import { SchemaError } from '../../error.ts';
import type { BodyBuffer } from '../receive/body.ts';
import type { CallHead } from './head.ts';

const PREFIX_BYTES = 5;
const PLAIN = 0;
const COMPRESSED = 1;

/** `message` behind its prefix, not compressed. */
export function frame(message: Uint8Array): Buffer {
  const framed = Buffer.allocUnsafe(PREFIX_BYTES + message.length);
  framed.writeUInt8(PLAIN, 0);
  framed.writeUInt32BE(message.length, 1);
  framed.set(message, PREFIX_BYTES);
  return framed;
}

/** Reads the one message of a call as its bytes come in. */
export class MessageReader {
  readonly #encoding: CallHead['encoding'];
  readonly #body: BodyBuffer;
  readonly #prefix = Buffer.alloc(PREFIX_BYTES);
  #prefixed = 0;
  #left = 0;

  /** `body` bounds the message and stays the caller's to release. */
  constructor(encoding: CallHead['encoding'], body: BodyBuffer) {
    this.#encoding = encoding;
    this.#body = body;
  }

  /**
   * Throws OTLP_TOO_LARGE as soon as the prefix says so, OTLP_OVERLOADED, GRPC_MALFORMED for a
   * prefix that is none, GRPC_UNIMPLEMENTED for a second message.
   */
  add(chunk: Buffer): void {
    let rest = chunk;
    if (this.#prefixed < PREFIX_BYTES) {
      const taken = rest.copy(this.#prefix, this.#prefixed);
      this.#prefixed += taken;
      rest = rest.subarray(taken);
      if (this.#prefixed < PREFIX_BYTES) return;
      this.#begin();
    }
    if (rest.length > this.#left) throw notOne('more than one message');
    this.#left -= rest.length;
    this.#body.append(rest);
  }

  /** The message, unpacked. Throws as `add` does, and OTLP_MALFORMED when it is not whole. */
  end(): Buffer {
    if (this.#prefixed === 0) throw notOne('no message');
    if (this.#prefixed < PREFIX_BYTES || this.#left > 0) {
      throw new SchemaError('OTLP_MALFORMED', 'the call ends in the middle of its message');
    }
    if (this.#prefix[0] === COMPRESSED) this.#body.unpack(this.#encoding);
    return this.#body.bytes;
  }

  #begin(): void {
    const flag = this.#prefix[0];
    this.#left = this.#prefix.readUInt32BE(1);
    if (flag !== PLAIN && flag !== COMPRESSED) {
      throw new SchemaError('GRPC_MALFORMED', `a message begins with flag ${flag}, not 0 or 1`);
    }
    if (flag === COMPRESSED && this.#encoding === 'identity') {
      const message = 'the message is marked as compressed, but no grpc-encoding says how';
      throw new SchemaError('GRPC_MALFORMED', message, 'send grpc-encoding: gzip with it');
    }
    this.#body.begin(this.#left);
  }
}

function notOne(what: string): SchemaError {
  const hint = 'Export takes exactly one message in a call';
  return new SchemaError('GRPC_UNIMPLEMENTED', `the call has ${what}`, hint);
}
