/** Keys, witnesses and clocks (LOG.md §5, steps 2 and 4). */
import assert from 'node:assert/strict';
import { createPrivateKey, sign } from 'node:crypto';
import { test } from 'node:test';
import { CLOCK_SKEW_MS_MAX, SEAL_AGE_MS_WARN, WITNESS_DELAY_MS_MAX } from '@vitrine/schema';
import { generateLogKey, parseCheckpointNote, sha256, signNote } from '../index.ts';
import { formatVkey } from '../note/checkpoint.ts';
import { verifyBundle } from './node.ts';
import { C2SP_COSIGNATURE_ED25519, keyIdOf, parseVkey } from './note.ts';
import { answerTo, PROVEN, RIG_KEY, RIG_ORIGIN, RIG_TRUST, rigSession } from './rig.ts';

const LOG = rigSession(3, true);
const SEALED_NS = sealTime();
const NS_PER_MS = 1_000_000n;
const SKEW_S = CLOCK_SKEW_MS_MAX / 1_000;

function sealTime(): bigint {
  const seal = JSON.parse(LOG.texts.at(-1)!.toString()) as { t: string };
  return BigInt(seal.t);
}

/** A witness with its line for the trust file. */
function witness(n: number): { line: string; cosign(note: string, seconds: number): string } {
  const seed = Buffer.alloc(32, 100 + n);
  const { publicKey } = parseVkey(sha256, generateLogKey('w', seed).vkey);
  const name = `witness.test/w${n}`;
  const type = C2SP_COSIGNATURE_ED25519;
  const keyId = keyIdOf(sha256, name, type, publicKey);
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  return {
    line: `witness w${n} ${formatVkey({ name, keyId, type, publicKey })}\n`,
    cosign(note, seconds) {
      const { text } = parseCheckpointNote(note);
      const time = Buffer.alloc(8);
      time.writeBigUInt64BE(BigInt(seconds));
      const message = `cosignature/v1\ntime ${seconds}\n${text}`;
      const bytes = [Buffer.from(keyId, 'hex'), time, sign(null, Buffer.from(message), key)];
      return `— ${name} ${Buffer.concat(bytes).toString('base64')}\n`;
    },
  };
}

const W = [0, 1, 2].map(witness);
const LINES = W.map(({ line }) => line).join('');
const WITNESSED = `log ${RIG_KEY.vkey}\n${LINES}group g 2 w0 w1 w2\nquorum g\n`;
const SEALED_S = Number(SEALED_NS / 1_000_000_000n);

/** The closed session under the last checkpoint with other signature lines. */
function bundled(note: string): Buffer {
  const before = LOG.note;
  LOG.note = note;
  const bundle = LOG.session('s1');
  LOG.note = before;
  return bundle;
}

test('a quorum of witnesses counts each once', () => {
  const line = (n: number, seconds = SEALED_S): string => W[n]!.cosign(LOG.note, seconds);
  const answer = (lines: string) => answerTo(bundled(LOG.note + lines), {}, WITNESSED);
  assert.deepEqual(answer(line(0) + line(2)), PROVEN);
  assert.deepEqual(answer(line(0) + line(1) + line(2)), PROVEN);
  assert.deepEqual(answer(line(0)), [4, 'trust']);
  assert.deepEqual(answer(line(0) + line(0, SEALED_S + 1)), [4, 'trust']);
  assert.deepEqual(answer(''), [4, 'trust']);
  assert.deepEqual(answer(line(0) + witness(7).cosign(LOG.note, SEALED_S)), [4, 'trust']);
});

test('a cosignature counts from seal - 5 min to now + 5 min', () => {
  const now = SEALED_NS + 1_000_000_000_000n;
  const nowS = Number(now / 1_000_000_000n);
  const answer = (seconds: number) => {
    const lines = W[0]!.cosign(LOG.note, SEALED_S) + W[1]!.cosign(LOG.note, seconds);
    return answerTo(bundled(LOG.note + lines), { now }, WITNESSED);
  };
  assert.deepEqual(answer(SEALED_S - SKEW_S), PROVEN);
  assert.deepEqual(answer(SEALED_S - SKEW_S - 1), [4, 'trust']);
  assert.deepEqual(answer(nowS + SKEW_S), PROVEN);
  assert.deepEqual(answer(nowS + SKEW_S + 1), [4, 'trust']);
});

test('a line of a known key that does not verify ends it, wherever it stands', () => {
  const good = W[0]!.cosign(LOG.note, SEALED_S) + W[1]!.cosign(LOG.note, SEALED_S);
  const other = rigSession(4, true).note;
  const copied = W[2]!.cosign(other, SEALED_S);
  assert.deepEqual(answerTo(bundled(LOG.note + good + copied), {}, WITNESSED), [1, 'trust']);
  const forged = other.slice(other.indexOf('—'));
  assert.deepEqual(answerTo(bundled(LOG.note + forged)), [1, 'trust']);
  const short = `— ${RIG_ORIGIN} ${Buffer.from(`${RIG_KEY.keyId}00`, 'hex').toString('base64')}\n`;
  assert.deepEqual(answerTo(bundled(LOG.note + short)), [1, 'trust']);
  const [mark, name, bytes] = W[0]!.cosign(LOG.note, SEALED_S).trimEnd().split(' ');
  for (let length = 5; length < 4 + 8 + 64; length++) {
    const cut = Buffer.from(bytes!, 'base64').subarray(0, length).toString('base64');
    const line = `${mark} ${name} ${cut}\n`;
    const found = answerTo(bundled(LOG.note + good + line), {}, WITNESSED);
    assert.deepEqual(found, [1, 'trust'], `${length} bytes`);
  }
});

test('the log must be known, and its key hold for the size', () => {
  const size = LOG.leaves.length;
  const within = (from: number | string, to: number | string): string =>
    `${RIG_TRUST}#vitrine interval ${RIG_KEY.keyId} ${from} ${to}\n`;
  assert.deepEqual(answerTo(LOG.session('s1'), {}, within(size, size + 1)), PROVEN);
  assert.deepEqual(answerTo(LOG.session('s1'), {}, within(0, size)), [4, 'trust']);
  assert.deepEqual(answerTo(LOG.session('s1'), {}, within(size + 1, '-')), [4, 'trust']);
  assert.deepEqual(answerTo(LOG.session('s1'), {}, 'quorum none\n'), [4, 'trust']);
  const stranger = generateLogKey(RIG_ORIGIN, Buffer.alloc(32, 8));
  const trust = `log ${stranger.vkey}\nquorum none\n`;
  assert.deepEqual(answerTo(LOG.session('s1'), {}, trust), [4, 'trust'], 'same name, other key');
  const both = `log ${stranger.vkey}\n${RIG_TRUST}`;
  assert.deepEqual(answerTo(LOG.session('s1'), {}, both), PROVEN);
  const { text } = parseCheckpointNote(LOG.note);
  const two = signNote(text, stranger) + LOG.note.slice(LOG.note.indexOf('—'));
  assert.deepEqual(answerTo(bundled(two), {}, both), PROVEN, 'both sign in an overlap');
});

test('a key that is no point of the curve verifies nothing', () => {
  const publicKey = Buffer.alloc(32, 255);
  const keyId = keyIdOf(sha256, RIG_ORIGIN, 1, publicKey);
  const vkey = formatVkey({ name: RIG_ORIGIN, keyId, type: 1, publicKey });
  const signature = Buffer.from(keyId + '00'.repeat(64), 'hex').toString('base64');
  const line = `— ${RIG_ORIGIN} ${signature}\n`;
  const { text } = parseCheckpointNote(LOG.note);
  const trust = `log ${vkey}\nquorum none\n`;
  assert.deepEqual(answerTo(bundled(`${text}\n${line}`), {}, trust), [1, 'trust']);
});

test('a seal may not come from the future, nor be too old', () => {
  const skew = BigInt(CLOCK_SKEW_MS_MAX) * NS_PER_MS;
  const answer = (now: bigint, maxAgeNs?: bigint) => answerTo(LOG.session('s1'), { now, maxAgeNs });
  assert.deepEqual(answer(SEALED_NS - skew), PROVEN);
  assert.deepEqual(answer(SEALED_NS - skew - 1n), [4, 'seal']);
  assert.deepEqual(answer(SEALED_NS + 10n, 10n), PROVEN);
  assert.deepEqual(answer(SEALED_NS + 11n, 10n), [4, 'seal']);
  assert.deepEqual(answerTo(LOG.session('s1'), { maxAgeNs: 10n }), [2, 'form']);
});

test('warnings: no witness, a late witness, an old seal', () => {
  const warnings = (lines: string, afterMs: bigint): number => {
    const now = SEALED_NS + afterMs * NS_PER_MS;
    const { code, warnings: said } = verifyBundle(bundled(LOG.note + lines), trust, { now });
    assert.equal(code, 0);
    return said.length;
  };
  const trust = WITNESSED.replace('quorum g', 'quorum none');
  const late = WITNESS_DELAY_MS_MAX / 1_000;
  assert.equal(warnings('', 1n), 1);
  assert.equal(warnings(W[0]!.cosign(LOG.note, SEALED_S + late), 3_600_000n), 0);
  assert.equal(warnings(W[0]!.cosign(LOG.note, SEALED_S + late + 1), 3_600_000n), 1);
  const line = W[0]!.cosign(LOG.note, SEALED_S);
  assert.equal(warnings(line, BigInt(SEAL_AGE_MS_WARN)), 0);
  assert.equal(warnings(line, BigInt(SEAL_AGE_MS_WARN) + 1n), 1);
});
