/** The steps of LOG.md §5 in their order, with Ed25519 that answers at once or later. */
import { ChainError } from '../error.ts';
import { checkAttached, checkContradictions, readAttached } from './attached.ts';
import { readBundle, readPin } from './bundle.ts';
import { encodeBase64, hashBehind, RFC6962_LEAF_PREFIX, utf8 } from './bytes.ts';
import { Case } from './case.ts';
import { checkChains } from './chains.ts';
import { checkClaim, checkExpected } from './claim.ts';
import { checkParts } from './parts.ts';
import { malformedVerdict, verdictOf } from './report.ts';
import { plainSha256 } from './sha256.ts';
import { readTrust } from './trust.ts';
import { checkConsistency, checkPin, checkSeal, checkTrust, signaturesOf } from './trusted.ts';
import type * as T from './types.ts';

const ED25519 = 'Ed25519';
const STEPS: [T.Step, (c: Case) => void][] = [
  ['form', checkExpected],
  ['trust', checkTrust],
  ['pin', checkPin],
  ['pin', checkConsistency],
  ['seal', checkSeal],
  ['chains', checkChains],
  ['claim', readAttached],
  ['claim', checkClaim],
  ['attached', checkAttached],
  ['contradictions', checkContradictions],
  ['parts', checkParts],
];

/** Verifies with the given cryptography (LOG.md §5); never throws for what its arguments hold. */
export function verifyWith(given: T.Primitives, ...asked: T.Asked): T.Verdict {
  const inputs = readInputs(given, ...asked);
  if ('code' in inputs) return inputs;
  for (const one of inputs.signatures.filter(({ isAskable }) => isAskable)) {
    one.good = given.verifyEd25519(one.key.publicKey, one.message, one.signature);
  }
  return judge(inputs);
}

/**
 * The same with a SHA-256 of our own and WebCrypto's Ed25519. Rejects with CRYPTO_UNSUPPORTED where
 * `subtle` has none: that nothing can be verified is no verdict about the bundle.
 */
export async function verifyBundleAsync(
  bytes: Uint8Array,
  trust: string,
  options: T.VerifyOptions = {},
  subtle: T.Ed25519Subtle = globalThis.crypto.subtle as unknown as T.Ed25519Subtle,
): Promise<T.Verdict> {
  const inputs = readInputs({ sha256: plainSha256 }, bytes, trust, options);
  if ('code' in inputs) return inputs;
  for (const one of inputs.signatures.filter(({ isAskable }) => isAskable)) {
    one.good = await isGood(subtle, one);
  }
  return judge(inputs);
}

function readInputs(given: T.Hashes, ...[bytes, text, options]: T.Asked): T.Inputs | T.Verdict {
  const { sha256 } = given;
  const hashText = (leaf: string) =>
    encodeBase64(hashBehind(sha256, RFC6962_LEAF_PREFIX, utf8(leaf)));
  try {
    if (options.maxAgeNs !== undefined && options.now === undefined) {
      throw new ChainError('OPTIONS_INVALID', 'a maximum age needs the present time');
    }
    const trust = readTrust(sha256, text);
    const pin = options.pin === undefined ? null : readPin(options.pin);
    const bundle = readBundle(bytes, options.consume);
    const notes = [bundle.checkpoint, pin?.note, bundle.consistency?.from];
    const signatures = notes.flatMap((note) => (note ? signaturesOf(trust, note) : []));
    return { leafHash: hashText, ...given, trust, pin, bundle, signatures, options };
  } catch (error) {
    if (error instanceof ChainError) return malformedVerdict(error);
    throw error;
  }
}

function judge(inputs: T.Inputs): T.Verdict {
  const c = new Case(inputs);
  c.run(STEPS);
  return verdictOf(c);
}

async function isGood(subtle: T.Ed25519Subtle, { key, message, signature }: T.Signature) {
  try {
    const imported = await subtle.importKey('raw', key.publicKey, ED25519, false, ['verify']);
    return await subtle.verify(ED25519, imported, signature, message);
  } catch (error) {
    // W3C Web Cryptography §14.3: what WebCrypto says where it does not know an algorithm.
    if ((error as Error).name === 'NotSupportedError') {
      const hint = 'use a newer browser, or the command line';
      throw new ChainError('CRYPTO_UNSUPPORTED', 'this WebCrypto has no Ed25519', hint);
    }
    // A key that is no point of the curve, a signature of another length: neither verifies.
    return false;
  }
}
