import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import {
  INTAKE_REQUEST_BYTES_MIN,
  OTLP_BODY_BYTES_MAX,
  OTLP_GZIP_RATIO_MAX,
} from '@vitrine/schema';
import { Body } from './body.ts';
import { Budget } from './budget.ts';

const MIB = 1_048_576;

function requestOf(chunks: Buffer[], headers: Record<string, string> = {}): IncomingMessage {
  return Object.assign(Readable.from(chunks), { headers }) as unknown as IncomingMessage;
}

function read(
  chunks: Buffer[],
  headers: Record<string, string> = {},
  budget = new Budget(64 * MIB),
) {
  const body = new Body(budget);
  return body.read(requestOf(chunks, headers)).then(() => body);
}

const GZIP = { 'content-encoding': 'gzip' };

describe('Body', () => {
  it('puts chunks of any size together', async () => {
    const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, i) => i % 251));
    const chunks = [bytes.subarray(0, 1), bytes.subarray(1, 70_000), bytes.subarray(70_000)];
    assert.deepEqual((await read(chunks)).bytes, bytes);
    assert.equal((await read([])).bytes.length, 0);
  });

  it('unpacks gzip, also in several members', async () => {
    const packed = Buffer.concat([gzipSync('one'), gzipSync('two')]);
    assert.equal((await read([packed], GZIP)).bytes.toString(), 'onetwo');
  });

  it('takes the largest body and refuses one byte more', async () => {
    const largest = Buffer.alloc(OTLP_BODY_BYTES_MAX);
    assert.equal((await read([largest])).bytes.length, OTLP_BODY_BYTES_MAX);
    await assert.rejects(read([largest, Buffer.alloc(1)]), { code: 'OTLP_TOO_LARGE' });
    const declared = { 'content-length': String(OTLP_BODY_BYTES_MAX + 1) };
    await assert.rejects(read([], declared), { code: 'OTLP_TOO_LARGE' });
  });

  it('refuses what unpacks too far, by size or by ratio', async () => {
    const large = gzipSync(randomBytes(OTLP_BODY_BYTES_MAX + 1), { level: 0 });
    await assert.rejects(read([large], GZIP), { code: 'OTLP_TOO_LARGE' });
    const bomb = gzipSync(Buffer.alloc(8 * MIB));
    assert.ok(bomb.length * OTLP_GZIP_RATIO_MAX < 8 * MIB);
    await assert.rejects(read([bomb], GZIP), { code: 'OTLP_TOO_LARGE' });
  });

  it('refuses what is no gzip, and other encodings', async () => {
    await assert.rejects(read([Buffer.from('plain')], GZIP), { code: 'OTLP_MALFORMED' });
    await assert.rejects(read([], GZIP), { code: 'OTLP_MALFORMED' });
    const cut = gzipSync('some text').subarray(0, 20);
    await assert.rejects(read([cut], GZIP), { code: 'OTLP_MALFORMED' });
    await assert.rejects(read([], { 'content-encoding': 'br' }), { code: 'ENCODING_UNKNOWN' });
  });

  it('holds its memory of the budget until it is released, and no more than it has', async () => {
    const budget = new Budget(3 * MIB);
    const first = await read([Buffer.alloc(2 * MIB)], {}, budget);
    assert.ok(budget.held >= 2 * MIB + INTAKE_REQUEST_BYTES_MIN);
    const second = new Body(budget);
    const over = second.read(requestOf([Buffer.alloc(MIB)]));
    await assert.rejects(over, { code: 'OVERLOADED' });
    second.release();
    first.release();
    assert.equal(budget.held, 0);
    assert.equal((await read([Buffer.alloc(MIB)], {}, budget)).bytes.length, MIB);
  });

  it('counts what unpacking makes of a small body', async () => {
    const budget = new Budget(MIB);
    const packed = gzipSync(Buffer.from(randomBytes(MIB).toString('hex')));
    const half = gzipSync(Buffer.from(randomBytes(MIB / 4).toString('hex')));
    assert.ok(packed.length < 1.5 * MIB);
    const tight = read([packed], GZIP, new Budget(1.5 * MIB));
    await assert.rejects(tight, { code: 'OVERLOADED' });
    assert.equal((await read([half], GZIP, budget)).bytes.length, MIB / 2);
    assert.ok(budget.held >= MIB / 2);
  });
});
