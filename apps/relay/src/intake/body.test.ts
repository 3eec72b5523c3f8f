import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { OTLP_BODY_BYTES_MAX } from '@vitrine/schema';
import { BodyBuffer, Budget } from '@vitrine/schema/receive';
import { readBody } from './body.ts';

function read(chunks: Buffer[], headers: Record<string, string> = {}): Promise<Buffer> {
  const request = Object.assign(Readable.from(chunks), { headers }) as unknown as IncomingMessage;
  return readBody(request, new BodyBuffer(new Budget(67_108_864), OTLP_BODY_BYTES_MAX));
}

describe('readBody', () => {
  it('reads what is plain as it is and unpacks gzip', async () => {
    assert.equal(String(await read([Buffer.from('a'), Buffer.from('b')])), 'ab');
    const gzip = { 'content-encoding': 'gzip' };
    assert.equal(String(await read([gzipSync('packed')], gzip)), 'packed');
    await assert.rejects(read([], gzip), { code: 'OTLP_MALFORMED' });
  });

  it('refuses other encodings, and what is declared too large before it is read', async () => {
    await assert.rejects(read([], { 'content-encoding': 'br' }), { code: 'ENCODING_UNKNOWN' });
    const declared = (bytes: number) => read([], { 'content-length': String(bytes) });
    assert.equal((await declared(OTLP_BODY_BYTES_MAX)).length, 0);
    await assert.rejects(declared(OTLP_BODY_BYTES_MAX + 1), { code: 'OTLP_TOO_LARGE' });
  });
});
