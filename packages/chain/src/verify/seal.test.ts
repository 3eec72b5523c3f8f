/** The seal under a checkpoint (LOG.md §5, step 4), and the note of a pin (step 3). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '@vitrine/schema';
import {
  buildTree,
  canonicalBytes,
  formatCheckpoint,
  generateLogKey,
  leafHash,
  signNote,
} from '../index.ts';
import { answerTo, PROVEN, RIG_KEY, RIG_ORIGIN, RigLog, rigSession } from './rig.ts';

/** A signed log of which the last leaf is the seal with members changed, or another text. */
function sealedWith(change: JsonObject | string, seals = 2): Buffer {
  const log = rigSession(2, true);
  for (let n = 1; n < seals; n++) log.seal();
  const seal = JSON.parse(log.texts.at(-1)!.toString()) as JsonObject;
  const text = typeof change === 'string' ? change : canonicalBytes({ ...seal, ...change });
  log.texts[log.texts.length - 1] = Buffer.from(text);
  log.leaves[log.leaves.length - 1] = leafHash(Buffer.from(text));
  const { root } = buildTree(log.leaves);
  const size = log.leaves.length;
  log.note = signNote(formatCheckpoint({ origin: RIG_ORIGIN, size, root }), RIG_KEY);
  return log.session('s1');
}

test('a seal fits the tree it ends', () => {
  const tree = { root: Buffer.alloc(32).toString('base64'), size: 6 };
  assert.deepEqual(answerTo(sealedWith({})), PROVEN);
  assert.deepEqual(answerTo(sealedWith({ src: { other: 1 } })), PROVEN);
  for (const change of [
    { count: 1 },
    { first: 6 },
    { n: 0 },
    { prev: null },
    { prev: tree },
    { kind: 'sealed' },
    { v: 2 },
    { more: 1 },
    { heads: 1 },
    { day: '2025-11-24' },
  ]) {
    assert.deepEqual(answerTo(sealedWith(change)), [1, 'seal'], JSON.stringify(change));
  }
  assert.deepEqual(answerTo(sealedWith({}, 1)), PROVEN, 'the first seal');
  assert.deepEqual(answerTo(sealedWith({ n: 1 }, 1)), [1, 'seal']);
  assert.deepEqual(answerTo(sealedWith({ count: 6, first: 1 }, 1)), [1, 'seal']);
});

test('a seal is canonical JSON', () => {
  assert.deepEqual(answerTo(sealedWith('{"kind":"seal"}')), [1, 'seal']);
  assert.deepEqual(answerTo(sealedWith(' {}')), [1, 'seal']);
  assert.deepEqual(answerTo(sealedWith('{')), [2, 'seal']);
});

test('a record of a chain is no seal, and an older seal is not the last leaf', () => {
  const log = rigSession(2, true);
  const old = log.leaf(log.leaves.length - 1);
  log.seal();
  const seal = { record: old.record, proof: log.path(old.index) };
  assert.deepEqual(answerTo(log.session('s1', { seal })), [1, 'seal']);
  const unsealed = new RigLog();
  unsealed.add('s1/sup', 'open');
  const { root } = buildTree(unsealed.leaves);
  unsealed.note = signNote(formatCheckpoint({ origin: RIG_ORIGIN, size: 1, root }), RIG_KEY);
  assert.deepEqual(answerTo(unsealed.session('s1')), [1, 'seal']);
});

test('a pin counts when a known key has signed its note', () => {
  const log = rigSession(2, true);
  const pinOf = (note: string): string => {
    const [origin, size, root] = note.split('\n') as [string, string, string];
    return JSON.stringify({ origin, size: Number(size), root, note });
  };
  const { note } = log;
  const text = note.slice(0, note.indexOf('\n\n') + 1);
  const stranger = signNote(text, generateLogKey(RIG_ORIGIN, Buffer.alloc(32, 99)));
  const answer = (pin: string) => answerTo(log.session('s1'), { pin });
  assert.deepEqual(answer(pinOf(note)), PROVEN);
  assert.deepEqual(answer(pinOf(stranger)), [4, 'pin']);
  const forged = note.replace(/(— \S+ .{12})./, (_, before: string) => `${before}${'_'}`);
  assert.deepEqual(answer(pinOf(forged)), [2, 'form']);
  const wrong = Buffer.from(note.trim().split(' ').at(-1)!, 'base64');
  wrong[40]! ^= 1;
  const bad = `${text}\n— ${RIG_ORIGIN} ${wrong.toString('base64')}\n`;
  assert.deepEqual(answer(pinOf(bad)), [4, 'pin']);
  const otherOrigin = generateLogKey('vitrine.test/00112233/other.0.1', Buffer.alloc(32, 7));
  assert.deepEqual(answer(pinOf(signNote(text, otherOrigin))), [4, 'pin']);
});

test('a pin is exactly what it says', () => {
  const log = rigSession(2, true);
  const [origin, size, root] = log.note.split('\n') as [string, string, string];
  const pin = { origin, size: Number(size), root, note: log.note };
  const answer = (value: unknown) => answerTo(log.session('s1'), { pin: JSON.stringify(value) });
  assert.deepEqual(answer(pin), PROVEN);
  assert.deepEqual(answer({ ...pin, size: 1 }), [2, 'pin']);
  assert.deepEqual(answer({ ...pin, origin: 'x' }), [2, 'pin']);
  assert.deepEqual(answer({ ...pin, root: Buffer.alloc(32).toString('base64') }), [2, 'pin']);
  for (const bad of [null, {}, { ...pin, more: 1 }, { ...pin, size: '1' }, { ...pin, root: 'x' }]) {
    assert.deepEqual(answer(bad), [2, 'form']);
  }
});
