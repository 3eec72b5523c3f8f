/**
 * Reads a request body within its bounds: bytes on the wire, bytes after decompression, and their
 * ratio. Nothing of a body that breaks a bound is kept.
 */
import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { OTLP_BODY_BYTES_MAX, OTLP_GZIP_RATIO_MAX, SchemaError } from '@vitrine/schema';

const gunzipAsync = promisify(gunzip);

export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const declared = Number(request.headers['content-length'] ?? 0);
  if (declared > OTLP_BODY_BYTES_MAX) throw tooLarge();
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
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
