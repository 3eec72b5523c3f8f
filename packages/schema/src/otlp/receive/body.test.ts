import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { constants, gzipSync, zstdCompressSync } from 'node:zlib';
import {
  INTAKE_REQUEST_BYTES_MIN,
  OTLP_BODY_BYTES_MAX,
  OTLP_UNPACKED_RATIO_MAX,
  OTLP_ZSTD_WINDOW_LOG_MAX,
} from '../../limits.ts';
import { BodyBuffer } from './body.ts';
import { Budget } from './budget.ts';
import { ACCEPTED_PACKINGS, type Packing, packingOf } from './unpack.ts';

const MIB = 1_048_576;

function gathered(chunks: Buffer[], budget = new Budget(64 * MIB)): BodyBuffer {
  const body = new BodyBuffer(budget, OTLP_BODY_BYTES_MAX);
  body.begin(0);
  for (const chunk of chunks) body.append(chunk);
  return body;
}

function unpacked(chunks: Buffer[], budget?: Budget, packing: Packing = 'gzip'): BodyBuffer {
  const body = gathered(chunks, budget);
  body.unpack(packing);
  return body;
}

function unzstd(bytes: Buffer): BodyBuffer {
  return unpacked([bytes], undefined, 'zstd');
}

describe('BodyBuffer', () => {
  it('puts chunks of any size together', () => {
    const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, i) => i % 251));
    const chunks = [bytes.subarray(0, 1), bytes.subarray(1, 70_000), bytes.subarray(70_000)];
    assert.deepEqual(gathered(chunks).bytes, bytes);
    assert.equal(gathered([]).bytes.length, 0);
  });

  it('unpacks gzip, also in several members', () => {
    const packed = Buffer.concat([gzipSync('one'), gzipSync('two')]);
    assert.equal(unpacked([packed]).bytes.toString(), 'onetwo');
  });

  it('takes the largest body and refuses one byte more, sent or declared', () => {
    const largest = Buffer.alloc(OTLP_BODY_BYTES_MAX);
    assert.equal(gathered([largest]).bytes.length, OTLP_BODY_BYTES_MAX);
    assert.throws(() => gathered([largest, Buffer.alloc(1)]), { code: 'OTLP_TOO_LARGE' });
    const body = new BodyBuffer(new Budget(64 * MIB), OTLP_BODY_BYTES_MAX);
    body.begin(OTLP_BODY_BYTES_MAX);
    assert.throws(() => body.begin(OTLP_BODY_BYTES_MAX + 1), { code: 'OTLP_TOO_LARGE' });
  });

  it('believes a declared length once an eighth of it has come', () => {
    const heldAfter = (bytes: number): number => {
      const budget = new Budget(64 * MIB);
      const body = new BodyBuffer(budget, OTLP_BODY_BYTES_MAX);
      body.begin(MIB);
      body.append(Buffer.alloc(bytes));
      return budget.held - INTAKE_REQUEST_BYTES_MIN;
    };
    assert.equal(heldAfter(MIB / 8), MIB);
    assert.equal(heldAfter(MIB / 16), MIB / 2);
    assert.ok(heldAfter(1) <= 16_384);
  });

  it('refuses what unpacks too far, by size or by ratio', () => {
    const large = gzipSync(randomBytes(OTLP_BODY_BYTES_MAX + 1), { level: 0 });
    assert.throws(() => unpacked([large]), { code: 'OTLP_TOO_LARGE' });
    const bomb = gzipSync(Buffer.alloc(8 * MIB));
    assert.ok(bomb.length * OTLP_UNPACKED_RATIO_MAX < 8 * MIB);
    assert.throws(() => unpacked([bomb]), { code: 'OTLP_TOO_LARGE' });
  });

  it('refuses what is no gzip', () => {
    assert.throws(() => unpacked([Buffer.from('plain')]), { code: 'OTLP_MALFORMED' });
    assert.throws(() => unpacked([]), { code: 'OTLP_MALFORMED' });
    const cut = gzipSync('some text').subarray(0, 20);
    assert.throws(() => unpacked([cut]), { code: 'OTLP_MALFORMED' });
  });

  it('knows zstd, within the same bounds', () => {
    assert.equal(ACCEPTED_PACKINGS, 'identity,gzip,zstd');
    assert.equal(packingOf('br'), undefined);
    assert.equal(unzstd(zstdCompressSync('one')).bytes.toString(), 'one');
    const large = zstdCompressSync(randomBytes(OTLP_BODY_BYTES_MAX + 1));
    assert.throws(() => unzstd(large), { code: 'OTLP_TOO_LARGE' });
    const bomb = zstdCompressSync(Buffer.alloc(8 * MIB));
    assert.ok(bomb.length * OTLP_UNPACKED_RATIO_MAX < 8 * MIB);
    assert.throws(() => unzstd(bomb), { code: 'OTLP_TOO_LARGE' });
    for (const bytes of [gzipSync('gzip'), Buffer.alloc(0), zstdCompressSync('x').subarray(1)]) {
      assert.throws(() => unzstd(bytes), { code: 'OTLP_MALFORMED' });
    }
  });

  it('unpacks zstd of the largest window, and refuses one that is larger', () => {
    const packed = (log: number): Buffer => {
      // Longer than its window, or the frame would say a smaller one.
      const text = Buffer.from(randomBytes(5 * MIB).toString('hex'));
      const params = { [constants.ZSTD_c_windowLog]: log, [constants.ZSTD_c_contentSizeFlag]: 0 };
      return zstdCompressSync(text, { params });
    };
    assert.equal(unzstd(packed(OTLP_ZSTD_WINDOW_LOG_MAX)).bytes.length, 10 * MIB);
    assert.throws(() => unzstd(packed(OTLP_ZSTD_WINDOW_LOG_MAX + 1)), { code: 'OTLP_MALFORMED' });
  });

  it('holds its memory of the budget until it is released, and no more than it has', () => {
    const budget = new Budget(3 * MIB);
    const first = gathered([Buffer.alloc(2 * MIB)], budget);
    assert.ok(budget.held >= 2 * MIB + INTAKE_REQUEST_BYTES_MIN);
    const second = new BodyBuffer(budget, OTLP_BODY_BYTES_MAX);
    assert.throws(() => second.append(Buffer.alloc(MIB)), { code: 'OTLP_OVERLOADED' });
    second.release();
    first.release();
    first.release();
    assert.equal(budget.held, 0);
    assert.equal(gathered([Buffer.alloc(MIB)], budget).bytes.length, MIB);
  });

  it('gives one sender no more of the memory than it leaves to the others', () => {
    const budget = new Budget(6 * MIB);
    const [slow, other] = [budget.shareOf('slow'), budget.shareOf('other')];
    assert.equal(slow.take(3 * MIB), true);
    assert.equal(slow.take(1), false);
    assert.equal(budget.shareOf('slow').take(1), false, 'however often it comes');
    assert.equal(other.take(1.5 * MIB), true);
    assert.equal(other.take(1), false);
    slow.give(3 * MIB);
    assert.equal(other.take(1.5 * MIB), true);
    other.give(3 * MIB);
    assert.equal(budget.held, 0);
    assert.equal(slow.take(3 * MIB), true, 'nothing is remembered of what was given back');
  });

  it('counts what unpacking makes of a small body', () => {
    const budget = new Budget(MIB);
    const packed = gzipSync(Buffer.from(randomBytes(MIB).toString('hex')));
    const half = gzipSync(Buffer.from(randomBytes(MIB / 4).toString('hex')));
    assert.ok(packed.length < 1.5 * MIB);
    const tight = new Budget(1.5 * MIB);
    assert.throws(() => unpacked([packed], tight), { code: 'OTLP_OVERLOADED' });
    assert.equal(unpacked([half], budget).bytes.length, MIB / 2);
    assert.ok(budget.held >= MIB / 2);
  });
});
