/** The browser's verifier gives the verdict of Node's, whatever the bundle and the keys. */
import assert from 'node:assert/strict';
import { createPrivateKey, sign, webcrypto } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { generateLogKey, parseCheckpointNote, sha256, signNote } from '../index.ts';
import { formatVkey } from '../note/checkpoint.ts';
import { nodePrimitives, verifyBundle } from './node.ts';
import { isWeakKey, keyIdOf } from './note.ts';
import { RIG_KEY, RIG_ORIGIN, RIG_TRUST, rigSession } from './rig.ts';
import type { Ed25519Subtle, VerifyOptions } from './types.ts';
import { verifyBundleAsync, verifyWith } from './verify.ts';

const { subtle } = webcrypto;
const GOLDEN = new URL('../../../../test/vectors/golden/', import.meta.url);
const NOW = 1_764_090_000n * 1_000_000_000n;
const TRUST = readFileSync(new URL('trust.txt', GOLDEN), 'utf8');
const PIN = readFileSync(new URL('pin.json', GOLDEN), 'utf8');

async function assertSame(bytes: Uint8Array, trust: string, options: VerifyOptions, what: string) {
  const verdict = await verifyBundleAsync(bytes, trust, options, subtle);
  assert.deepEqual(verdict, verifyBundle(bytes, trust, options), what);
  return verdict;
}

for (const name of readdirSync(GOLDEN).filter((file) => file.endsWith('.vitrine.json'))) {
  test(`the verdict on ${name} is Node's`, async () => {
    const bytes = readFileSync(new URL(name, GOLDEN));
    for (const all of [false, true]) {
      for (const pin of [undefined, PIN]) {
        await assertSame(bytes, TRUST, { now: NOW, all, pin }, `all ${all}, pin ${pin}`);
      }
    }
    const strict = { requireClosed: true, requireLossless: true, requireParts: true };
    await assertSame(bytes, TRUST, { now: NOW, ...strict }, 'strict');
  });
}

test('flipped bits of a bundle and of its trust file get the verdict of Node', async () => {
  const bytes = readFileSync(new URL('event.vitrine.json', GOLDEN));
  for (let at = 0; at < bytes.length; at += Math.ceil(bytes.length / 300)) {
    const flipped = Buffer.from(bytes);
    flipped[at]! ^= 1 << (at % 8);
    const { code } = await assertSame(flipped, TRUST, { now: NOW }, `byte ${at}`);
    assert.notEqual(code, 0, `byte ${at}`);
  }
  for (let at = 0; at < TRUST.length; at += 7) {
    const trust = `${TRUST.slice(0, at)}A${TRUST.slice(at + 1)}`;
    await assertSame(bytes, trust, { now: NOW }, `character ${at} of the trust file`);
  }
});

const LOG = rigSession(3, true);

function under(note: string): Buffer {
  const before = LOG.note;
  LOG.note = note;
  const bundle = LOG.session('s1');
  LOG.note = before;
  return bundle;
}

function trusting(publicKey: Uint8Array<ArrayBuffer>): { trust: string; keyId: string } {
  const keyId = keyIdOf(sha256, RIG_ORIGIN, 1, publicKey);
  const vkey = formatVkey({ name: RIG_ORIGIN, keyId, type: 1, publicKey });
  return { trust: `log ${vkey}\nquorum none\n`, keyId };
}

function signedWith(keyId: string, signature: Uint8Array): string {
  const { text } = parseCheckpointNote(LOG.note);
  const line = Buffer.concat([Buffer.from(keyId, 'hex'), signature]).toString('base64');
  return `${text}\n— ${RIG_ORIGIN} ${line}\n`;
}

/** y of the points of small order, with both signs, and the encodings beyond 2^255 - 19. */
const WEAK = [
  '00'.repeat(32),
  `01${'00'.repeat(31)}`,
  `ec${'ff'.repeat(30)}7f`,
  `ed${'ff'.repeat(30)}7f`,
  `ee${'ff'.repeat(30)}7f`,
  `ff${'ff'.repeat(30)}7f`,
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
].flatMap((hex) => {
  const signed = Buffer.from(hex, 'hex');
  signed[31]! |= 0x80;
  return [Buffer.from(hex, 'hex'), signed];
});

test('a weak key verifies nothing, also where the cryptography would let it', async () => {
  // R is the neutral element and S is 0: under a neutral key, S·B = R + k·A for every message.
  const forged = Buffer.from(`01${'00'.repeat(63)}`, 'hex');
  const lenient = { sha256, verifyEd25519: () => true };
  for (const key of WEAK) {
    const { trust, keyId } = trusting(key);
    const bundle = under(signedWith(keyId, forged));
    const { code, failure } = await assertSame(bundle, trust, {}, key.toString('hex'));
    assert.deepEqual([code, failure?.step], [1, 'trust'], key.toString('hex'));
    assert.equal(verifyWith(lenient, bundle, trust, {}).code, 1, key.toString('hex'));
  }
  assert.equal(verifyWith(lenient, LOG.session('s1'), RIG_TRUST, {}).code, 0);
});

test('weak keys are these, and no key that anybody would make', () => {
  for (const key of WEAK) assert.ok(isWeakKey(key), key.toString('hex'));
  assert.ok(!isWeakKey(Buffer.from(`ec${'ff'.repeat(29)}fe7f`, 'hex')));
  for (let seed = 0; seed < 50; seed++) {
    const { vkey } = generateLogKey('x', Buffer.alloc(32, seed));
    const key = Buffer.from(vkey.split('+').slice(2).join('+'), 'base64').subarray(1);
    assert.ok(!isWeakKey(key));
  }
});

test('keys that are no point, S that is not reduced, signatures of other lengths', async () => {
  const noPoint = trusting(Buffer.alloc(32, 2));
  await assertSame(under(signedWith(noPoint.keyId, Buffer.alloc(64))), noPoint.trust, {}, 'key');
  const { text } = parseCheckpointNote(LOG.note);
  const good = RIG_KEY.sign(Buffer.from(text));
  const { code } = await assertSame(under(signedWith(RIG_KEY.keyId, good)), RIG_TRUST, {}, 'good');
  assert.equal(code, 0);
  const order = 2n ** 252n + 27_742_317_777_372_353_535_851_937_790_883_648_493n;
  let s = BigInt(`0x${Buffer.from(good.subarray(32)).reverse().toString('hex')}`) + order;
  const unreduced = Buffer.from(good);
  for (let i = 32; i < 64; i++, s >>= 8n) unreduced[i] = Number(s & 255n);
  const bad = [unreduced, good.subarray(0, 63), Buffer.concat([good, Buffer.alloc(1)])];
  for (const signature of [...bad, Buffer.alloc(1)]) {
    const bundle = under(signedWith(RIG_KEY.keyId, signature));
    const verdict = await assertSame(bundle, RIG_TRUST, {}, signature.toString('hex'));
    assert.equal(verdict.code, 1);
  }
});

test('every signature is answered by WebCrypto: one that says no ends in no proof', async () => {
  let asked = 0;
  const no: Ed25519Subtle = {
    importKey: async () => 'key',
    verify: async () => {
      asked++;
      return false;
    },
  };
  const bundle = LOG.session('s1');
  const verdict = await verifyBundleAsync(bundle, RIG_TRUST, {}, no);
  assert.deepEqual([verdict.code, verdict.failure?.step, asked], [1, 'trust', 1]);
});

test('two keys, and a pin under both: each line of both notes is asked about once', async () => {
  const other = generateLogKey(RIG_ORIGIN, Buffer.alloc(32, 8));
  const { text } = parseCheckpointNote(LOG.note);
  const note = signNote(text, other) + LOG.note.slice(LOG.note.indexOf('—'));
  const { size, root } = parseCheckpointNote(note);
  const pin = JSON.stringify({ origin: RIG_ORIGIN, size, root: root.toString('base64'), note });
  const trust = `log ${other.vkey}\n${RIG_TRUST}`;
  const asked: string[] = [];
  const counting: Ed25519Subtle = {
    importKey: (...args) => subtle.importKey(...args),
    verify: (name, key, signature, message) => {
      asked.push(Buffer.from(signature).toString('hex'));
      return subtle.verify(name, key as webcrypto.CryptoKey, signature, message);
    },
  };
  const verdict = await verifyBundleAsync(under(note), trust, { pin }, counting);
  assert.equal(verdict.code, 0, JSON.stringify(verdict.failure));
  assert.equal(asked.length, 4);
  assert.equal(new Set(asked).size, 2);
});

test('WebCrypto without Ed25519 is no verdict', async () => {
  const none: Ed25519Subtle = {
    importKey: async () => {
      throw new DOMException('Unrecognized name.', 'NotSupportedError');
    },
    verify: async () => true,
  };
  await assert.rejects(
    verifyBundleAsync(LOG.session('s1'), RIG_TRUST, {}, none),
    (error: { code?: string }) => error.code === 'CRYPTO_UNSUPPORTED',
  );
});

test('RFC 8032 §7.1, test 1, by WebCrypto and by Node', async () => {
  const seed = '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60';
  const der = `302e020100300506032b657004220420${seed}`;
  const key = createPrivateKey({ key: Buffer.from(der, 'hex'), format: 'der', type: 'pkcs8' });
  const publicKey = Buffer.from(
    'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    'hex',
  );
  const signature = sign(null, Buffer.alloc(0), key);
  assert.ok(nodePrimitives.verifyEd25519(publicKey, Buffer.alloc(0), signature));
  const imported = await subtle.importKey('raw', publicKey, 'Ed25519', false, ['verify']);
  assert.ok(await subtle.verify('Ed25519', imported, signature, Buffer.alloc(0)));
});
