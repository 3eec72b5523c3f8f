/**
 * Reads a request body within its bounds: bytes on the wire, bytes after decompression, and their
 * ratio. Nothing of a body that breaks a bound is kept.
 */
import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import {
  OTLP_BODY_BYTES_MAX,
  OTLP_GZIP_RATIO_MAX,
  OTLP_REFUSED_BYTES_MAX,
  SchemaError,
} from '@vitrine/schema';

const gunzipAsync = promisify(gunzip);

export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const declared = Number(request.headers['content-length'] ?? 0);
  if (declared > OTLP_BODY_BYTES_MAX) throw tooLarge();
  const chunks: Buffer[] = [];
  let bytes = 0;
  // A request that is refused half-way is not destroyed: its sender must hear why.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    bytes += chunk.length;
    if (bytes > OTLP_BODY_BYTES_MAX) throw tooLarge();
    chunks.push(chunk);
  }
  const raw = Buffer.concat(chunks);
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding === 'identity') return raw;
  if (encoding !== 'gzip') {
    const hint = 'send gzip, or no content-encoding';
    throw new SchemaError('OTLP_MALFORMED', `content-encoding ${encoding} is not known`, hint);
  }
  return inflate(raw);
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

async function inflate(raw: Buffer): Promise<Buffer> {
  const maxOutputLength = Math.min(OTLP_BODY_BYTES_MAX, raw.length * OTLP_GZIP_RATIO_MAX);
  try {
    return await gunzipAsync(raw, { maxOutputLength });
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge();
    throw new SchemaError('OTLP_MALFORMED', 'the body is no gzip stream', 'send it again', {
      cause,
    });
  }
}

function tooLarge(): SchemaError {
  const message = `the body is larger than ${OTLP_BODY_BYTES_MAX} bytes, or unpacks too far`;
  return new SchemaError('OTLP_TOO_LARGE', message, 'send smaller batches');
}
