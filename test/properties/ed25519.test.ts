/** Edge vectors of Ed25519, one of each kind; `ed25519.long.test.ts` has them all. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accepting, type Vector } from './ed25519.ts';
import { VECTORS, VERDICTS } from './ed25519-table.ts';

const OURS = ['ours in Node', 'ours in a browser'];

test('one vector of each kind gets its recorded verdicts', async () => {
  const kinds = new Map(VECTORS.map((vector) => [vector.flags?.join() ?? '', vector]));
  assert.equal(kinds.size, 66);
  for (const vector of kinds.values()) {
    const expected = VERDICTS[vector.number];
    assert.equal((await accepting(vector)).join(', '), expected, `vector ${vector.number}`);
  }
});

test('ours is one verdict: yes without flaw, no for any key, R or encoding of small order', () => {
  assert.equal(VECTORS.length, 914);
  assert.equal(VERDICTS.length, VECTORS.length);
  let accepted = 0;
  for (const { number, flags } of VECTORS) {
    const names = VERDICTS[number]!.split(', ');
    const ours = OURS.filter((name) => names.includes(name)).length;
    assert.ok(ours === 0 || ours === OURS.length, `vector ${number}`);
    const flaws = /low_order_(R|A|residue)\b|non_canonical/;
    const flawless = !(flags ?? []).some((flag) => flaws.test(flag));
    assert.equal(ours > 0, flawless, `vector ${number}: ${flags?.join()}`);
    if (ours > 0) accepted++;
    // Whoever follows RFC 8032, with its factor 8 or without, agrees where ours says yes.
    if (ours > 0) assert.equal(names.length, 7, `vector ${number}`);
  }
  assert.equal(accepted, 43);
});

test('the table says where implementations disagree', () => {
  const disagreed = VERDICTS.filter((names) => !['', VERDICTS[7]].includes(names));
  assert.ok(disagreed.some((names) => names === 'noble strict, noble zip215, no cofactor'));
  assert.equal(disagreed.length, 914 - 88 - 43);
});

test('an S that is not reduced is accepted by nobody', async () => {
  const vector = VECTORS[7]!;
  assert.equal((await accepting(vector)).length, 7);
  assert.deepEqual(await accepting({ ...vector, sig: notReduced(vector) }), []);
});

/** S + L, which is the same number modulo the order L of the group (RFC 8032 §5.1.7). */
function notReduced({ sig }: Vector): string {
  const order = 2n ** 252n + 27_742_317_777_372_353_535_851_937_790_883_648_493n;
  const s = BigInt(`0x${Buffer.from(sig.slice(64), 'hex').reverse().toString('hex')}`) + order;
  const bytes = Buffer.from(s.toString(16).padStart(64, '0'), 'hex').reverse();
  return sig.slice(0, 64) + bytes.toString('hex');
}
