/**
 * Reads the body of an OTLP/HTTP request as it is encoded, within the bounds of `BodyBuffer`, and
 * what is left of one that was refused.
 */
import type { IncomingMessage } from 'node:http';
import { OTLP_REFUSED_BYTES_MAX, SchemaError } from '@vitrine/schema';
import { ACCEPTED_PACKINGS, type BodyBuffer, packingOf } from '@vitrine/schema/receive';

/** Throws OTLP_TOO_LARGE, OTLP_MALFORMED or OTLP_OVERLOADED. */
export async function readBody(request: IncomingMessage, body: BodyBuffer): Promise<Buffer> {
  const encoding = request.headers['content-encoding'] ?? 'identity';
  const packing = packingOf(encoding);
  if (packing === undefined) {
    const hint = `send one of ${ACCEPTED_PACKINGS}`;
    throw new SchemaError('OTLP_MALFORMED', `content-encoding ${encoding} is not known`, hint);
  }
  body.begin(Number(request.headers['content-length'] ?? 0));
  // A request that is refused half-way is not destroyed: its sender must hear why.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) body.append(chunk);
  body.unpack(packing);
  return body.bytes;
}

/**
 * Reads a refused request to its end without keeping anything: a connection that is closed while
 * its sender still writes is reset, and the sender never sees the answer that says what was wrong.
 * Gives up on one that is far beyond any bound.
 */
export async function dropRest(request: IncomingMessage): Promise<void> {
  let bytes = 0;
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      bytes += (chunk as Buffer).length;
      if (bytes > OTLP_REFUSED_BYTES_MAX) return;
    }
  } catch {
    // The sender went away: there is nobody to answer.
  }
}
