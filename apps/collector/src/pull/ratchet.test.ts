/** Far along a chain its key is found without holding up others, and found again at once. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, it } from 'node:test';
import { Ratchet } from './ratchet.ts';

const KEY = Buffer.alloc(32, 9);
const CHAIN = 's/00000000000000a1.agent';
const FAR = 10_000;
const PAGE = 700;
const RECORD = Buffer.from('{}');
const KEYS_PER_TURN_MAX = 500;

function hmac(key: Buffer, data: Buffer | string): Buffer {
  return createHmac('sha256', key).update(data).digest();
}

/** MACs of the records from `FAR` on, as the relay makes them. */
function macs(count: number): Buffer[] {
  let key = hmac(KEY, CHAIN);
  for (let seq = 0; seq < FAR; seq++) key = hmac(key, 'opp1');
  return Array.from({ length: count }, () => {
    const mac = hmac(key, RECORD);
    key = hmac(key, 'opp1');
    return mac;
  });
}

const PAGE_MACS = macs(PAGE);

/** How often whatever else waits had its turn until `done` resolved. */
async function turnsUntil(done: Promise<void>): Promise<number> {
  let turns = 0;
  let over = false;
  const count = (): void => {
    turns++;
    if (!over) setImmediate(count);
  };
  setImmediate(count);
  await done;
  over = true;
  return turns;
}

describe('a ratchet far along its chain', () => {
  it('lets others have their turn until it is there', async () => {
    const ratchet = new Ratchet(KEY, CHAIN);
    const turns = await turnsUntil(ratchet.reach(FAR));
    assert.ok(turns >= FAR / KEYS_PER_TURN_MAX - 2, `${turns} turns`);
    assert.ok(ratchet.verify(FAR, RECORD, PAGE_MACS[0]!));
  });

  it('goes back to the beginning of its page without making a key', async () => {
    const ratchet = new Ratchet(KEY, CHAIN);
    await ratchet.reach(FAR);
    const isWhole = (): boolean =>
      PAGE_MACS.every((mac, i) => ratchet.verify(FAR + i, RECORD, mac));
    assert.ok(isWhole());
    assert.equal(await turnsUntil(ratchet.reach(FAR)), 0);
    assert.ok(isWhole());
  });

  it('goes back further than its page as well, for a relay that does', async () => {
    const ratchet = new Ratchet(KEY, CHAIN);
    await ratchet.reach(FAR);
    assert.ok((await turnsUntil(ratchet.reach(FAR - 2_000))) > 0);
    assert.ok(await ratchet.reach(FAR).then(() => ratchet.verify(FAR, RECORD, PAGE_MACS[0]!)));
  });
});
