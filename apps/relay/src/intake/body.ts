/** Reads the body of an OTLP/HTTP request as it is encoded, within the bounds of `BodyBuffer`. */
import type { IncomingMessage } from 'node:http';
import { ACCEPTED_PACKINGS, type BodyBuffer, packingOf } from '@vitrine/schema/receive';
import { eachChunk } from '../chunks.ts';
import { RelayError } from '../error.ts';

const SHOWN_CHARS_MAX = 64;

/**
 * Throws OTLP_TOO_LARGE, OTLP_MALFORMED (not packed so), ENCODING_UNKNOWN or OTLP_OVERLOADED; a
 * request that its sender gave up throws what the socket says.
 */
export async function readBody(request: IncomingMessage, body: BodyBuffer): Promise<Buffer> {
  const encoding = request.headers['content-encoding'] ?? 'identity';
  const packing = packingOf(encoding);
  if (packing === undefined) {
    const message = `content-encoding ${encoding.slice(0, SHOWN_CHARS_MAX)} is not known`;
    throw new RelayError('ENCODING_UNKNOWN', message, `send one of ${ACCEPTED_PACKINGS}`);
  }
  body.begin(Number(request.headers['content-length'] ?? 0));
  await eachChunk(request, (chunk) => body.append(chunk));
  body.unpack(packing);
  return body.bytes;
}
