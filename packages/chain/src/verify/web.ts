/**
 * The verifier with the cryptography of a browser: SHA-256 of our own, which answers at once, and
 * WebCrypto's Ed25519, which does not. The steps are synchronous, so they run more than once: the
 * first time they only tell which signatures they ask for, the last time all answers are known.
 */
import { ChainError } from '../error.ts';
import { sha256 } from '../hash/sha256.ts';
import { hexOf } from '../note/checkpoint.ts';
import { verifyWith } from './steps.ts';
import type { Verdict, VerifyOptions } from './verdict.ts';

const ED25519 = 'Ed25519';
/** What WebCrypto says where it does not know an algorithm (W3C Web Cryptography §14.3). */
const NOT_SUPPORTED = 'NotSupportedError';

/** What is used of WebCrypto's `SubtleCrypto`, a type that not every library of types has. */
export interface Ed25519Subtle {
  importKey(
    format: 'raw',
    key: Uint8Array<ArrayBuffer>,
    algorithm: string,
    extractable: boolean,
    usages: 'verify'[],
  ): Promise<unknown>;
  verify(
    algorithm: string,
    key: unknown,
    signature: Uint8Array<ArrayBuffer>,
    message: Uint8Array<ArrayBuffer>,
  ): Promise<boolean>;
}

interface Question {
  publicKey: Uint8Array<ArrayBuffer>;
  message: Uint8Array<ArrayBuffer>;
  signature: Uint8Array<ArrayBuffer>;
}

/**
 * As `verifyBundle`, with the same verdict. Rejects with CRYPTO_UNSUPPORTED where `subtle` has no
 * Ed25519: that nothing can be verified is no verdict about the bundle.
 */
export async function verifyBundleAsync(
  bytes: Uint8Array,
  trust: string,
  options: VerifyOptions,
  subtle: Ed25519Subtle,
): Promise<Verdict> {
  const answers = new Map<string, boolean>();
  for (;;) {
    const open = new Map<string, Question>();
    const verdict = verifyWith(primitivesOf(answers, open), bytes, trust, options);
    // With a question open, this verdict rests on a guess and is dropped. A note has a bounded
    // number of lines and a trust file of keys, so the questions come to an end.
    if (open.size === 0) return verdict;
    const asked = [...open].map(async ([id, question]) => {
      answers.set(id, await isSignature(subtle, question));
    });
    await Promise.all(asked);
  }
}

/** An open question is taken as a yes, so that one pass meets as many of them as it can. */
function primitivesOf(answers: Map<string, boolean>, open: Map<string, Question>) {
  return {
    sha256,
    verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
      const id = [publicKey, sha256(message), signature].map(hexOf).join(' ');
      const answer = answers.get(id);
      if (answer !== undefined) return answer;
      open.set(id, {
        publicKey: publicKey.slice(),
        message: message.slice(),
        signature: signature.slice(),
      });
      return true;
    },
  };
}

async function isSignature(
  subtle: Ed25519Subtle,
  { publicKey, message, signature }: Question,
): Promise<boolean> {
  try {
    const key = await subtle.importKey('raw', publicKey, ED25519, false, ['verify']);
    return await subtle.verify(ED25519, key, signature, message);
  } catch (error) {
    if (error instanceof Error && error.name === NOT_SUPPORTED) {
      const hint = 'use a newer browser, or the command line';
      const message = 'this WebCrypto has no Ed25519';
      throw new ChainError('CRYPTO_UNSUPPORTED', message, hint, { cause: error });
    }
    // A key that is no point of the curve, a signature of another length: neither verifies.
    return false;
  }
}
