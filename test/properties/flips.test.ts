/**
 * Flipped bits of bundles that verify: every one of two small bundles, some of every other one.
 * `flips.long.test.ts` leaves none out.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { goldenBundles, type Sound, smallBundles } from './bundles.ts';
import { flipBits, sumOf } from './flips.ts';

/** Prime, so that all bits of a byte and all bytes of a base64 group have their turn. */
const STEP = 211;
const small = await smallBundles();

test('every bit of an event and of an absence: only another true claim is proven', () => {
  const event = flipBits(named('two events'));
  const other = { 'signature of a stranger': 0, 'cosignature beside a pin': 0 };
  assert.deepEqual(event.accepted, { ...other, 'another true claim': 1 }, 'the other leaf');
  const absent = flipBits(named('absent'));
  // s4 is absent; of its neighbours in one bit, s5 and s6 are so between the same two heads.
  assert.deepEqual(absent.accepted, { ...other, 'another true claim': 2 });
});

test('flips all over bundles of every claim are refused, with every code but 5', (t) => {
  const sum = sumOf([...small, ...goldenBundles()].map((sound) => flipBits(sound, 0, STEP)));
  for (const code of [1, 2, 3, 4] as const) assert.ok(sum.refused[code] > 10, `code ${code}`);
  t.diagnostic(JSON.stringify(sum));
});

test('a stranger’s line may change, the log’s own may not', () => {
  const strangers = named('strangers');
  const at = strangers.bytes.indexOf('— stranger') + '— st'.length + 2;
  const one = 8 * strangers.bytes.length;
  assert.equal(flipBits(strangers, at * 8, one).accepted['signature of a stranger'], 1);
  const own = strangers.bytes.indexOf('— ') + '— '.length + 2;
  const { refused } = flipBits(strangers, own * 8, one);
  assert.equal(refused[4], 1, 'nobody known has signed it');
});

function named(name: string): Sound {
  return small.find((sound) => sound.name === name)!;
}
