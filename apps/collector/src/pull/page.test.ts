import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, it } from 'node:test';
import { makeRecord, ZERO_HASH } from '@vitrine/chain';
import { encodeLogsRequest, type OutgoingLog } from '@vitrine/schema';
import { type ChainTip, followPage, readPage } from './page.ts';
import { Ratchet } from './ratchet.ts';

const KEY = Buffer.alloc(32, 9);
const CHAIN = 's/00000000000000a1.agent';
const SALT = Buffer.alloc(16, 1);

/** What an honest relay serves: `count` records, each with one part. */
function served(count: number): OutgoingLog[] {
  const logs: OutgoingLog[] = [];
  let key = createHmac('sha256', KEY).update(CHAIN).digest();
  let prev: Buffer = ZERO_HASH;
  for (let seq = 0; seq < count; seq++) {
    const place = { session: 's', shim: '00000000000000a1.agent', seq, prev };
    const event = { kind: 'tool.call', t: '1', fields: {}, parts: { input: Buffer.from('ls') } };
    const { bytes, leaf } = makeRecord(event, place, () => SALT);
    logs.push({
      eventName: 'tool.call',
      timeUnixNano: '1',
      body: bytes,
      attributes: {
        'vitrine.mac': createHmac('sha256', key).update(bytes).digest(),
        'vitrine.parts': { input: { salt: SALT, data: Buffer.from('ls') } },
      },
    });
    key = createHmac('sha256', key).update('opp1').digest();
    prev = leaf;
  }
  return logs;
}

function follow(logs: OutgoingLog[], tip: ChainTip = { seq: -1, head: ZERO_HASH }) {
  const records = readPage(encodeLogsRequest(logs));
  return { broken: followPage(CHAIN, tip, new Ratchet(KEY, CHAIN), records), tip, records };
}

describe('a pulled page', () => {
  it('is followed record by record, with its parts', () => {
    const { broken, tip, records } = follow(served(3));
    assert.equal(broken, null);
    assert.equal(tip.seq, 2);
    assert.equal(String(records[2]?.parts[0]?.data), 'ls');
  });

  it('breaks where a record is left out', () => {
    const [a, , c] = served(3);
    const { broken, tip } = follow([a!, c!]);
    assert.equal(broken?.good, 1);
    assert.equal(tip.seq, 0);
    assert.match(broken!.reason, /seq/);
  });

  it('breaks where a frame MAC is of another key', () => {
    const logs = served(2);
    logs[1]!.attributes['vitrine.mac'] = Buffer.alloc(32);
    assert.match(follow(logs).broken!.reason, /MAC/);
  });

  it('breaks where a part is not the one that was committed to', () => {
    const logs = served(1);
    logs[0]!.attributes['vitrine.parts'] = { input: { salt: SALT, data: Buffer.from('rm') } };
    assert.match(follow(logs).broken!.reason, /part input/);
  });

  it('refuses what no relay sends', () => {
    assert.throws(() => readPage(Buffer.from([255, 255])), { code: 'RELAY_INVALID' });
    const text = encodeLogsRequest([{ timeUnixNano: '1', body: 'text', attributes: {} }]);
    assert.throws(() => readPage(text), { code: 'RELAY_INVALID' });
  });
});

describe('the ratchet', () => {
  it('can be asked again for a record it has passed', () => {
    const logs = served(4);
    const ratchet = new Ratchet(KEY, CHAIN);
    const check = (seq: number): boolean => {
      const { body, attributes } = logs[seq]!;
      return ratchet.verify(seq, Buffer.from(body as Buffer), attributes['vitrine.mac'] as Buffer);
    };
    assert.deepEqual([check(0), check(3), check(1), check(2)], [true, true, true, true]);
    assert.equal(new Ratchet(KEY, 's/other').verify(0, Buffer.from('x'), Buffer.alloc(32)), false);
  });
});
