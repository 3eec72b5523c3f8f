import assert from 'node:assert/strict';
import { createHash, createHmac, randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { RECORD_BYTES_MAX } from '@vitrine/schema';
import { Ratchet } from './ratchet.ts';

const CHAIN = 's1/00112233445566778899.agent';
const hmac = (key: Buffer, message: Buffer | string) =>
  createHmac('sha256', key).update(message).digest();

/** The definition of pull.md, with Node's own HMAC. */
function* expected(macKey: Buffer, records: Buffer[]): Generator<Buffer> {
  let key = hmac(macKey, CHAIN);
  for (const record of records) {
    yield hmac(key, record);
    key = hmac(key, 'opp1');
  }
}

describe('Ratchet', () => {
  const macKey = randomBytes(32);
  const sizes = [0, 1, 55, 56, 63, 64, 65, 700, 699, RECORD_BYTES_MAX];
  const records = sizes.map((size) => randomBytes(size));

  it('gives each record the MAC of the definition', () => {
    const ratchet = new Ratchet(macKey, CHAIN);
    const macs = records.map((record) => Buffer.from(ratchet.next(record), 'latin1'));
    assert.deepEqual(macs, [...expected(macKey, records)]);
  });

  it('commits to its first key', () => {
    const first = hmac(macKey, CHAIN);
    const commitment = createHash('sha256').update(first).digest('hex');
    assert.equal(new Ratchet(macKey, CHAIN).commitment, commitment);
  });

  it('goes back to a mark', () => {
    const ratchet = new Ratchet(macKey, CHAIN);
    ratchet.next(records[0]!);
    const mark = ratchet.mark();
    const once = ratchet.next(records[7]!);
    assert.notEqual(ratchet.next(records[7]!), once);
    ratchet.reset(mark);
    assert.equal(ratchet.next(records[7]!), once);
  });

  it('keeps no key that made an earlier MAC', () => {
    const ratchet = new Ratchet(macKey, CHAIN);
    const first = ratchet.mark();
    ratchet.next(records[7]!);
    const second = ratchet.mark();
    assert.deepEqual(second, hmac(first, 'opp1'));
    assert.notDeepEqual(second, first);
  });
});
