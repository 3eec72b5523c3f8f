/** The verifier with Node's cryptography. */
import { createPublicKey, verify } from 'node:crypto';
import { leafText as leafHash, sha256 } from '../hash/node.ts';
import { readTrust } from './trust.ts';
import { isSignedBy, signaturesOf } from './trusted.ts';
import type { Primitives, SignedText, Trust, Verdict, VerifyOptions } from './types.ts';
import { verifyWith } from './verify.ts';

/** RFC 8410 §4: everything of an Ed25519 SubjectPublicKeyInfo before its key. */
const RFC8410_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

export const nodePrimitives: Primitives = {
  sha256,
  leafHash,
  verifyEd25519(publicKey, message, signature) {
    try {
      const der = Buffer.concat([RFC8410_PREFIX, publicKey]);
      const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
      return verify(null, message, key, signature);
    } catch {
      // OpenSSL throws for a key that is no point of the curve: nothing verifies under it.
      return false;
    }
  },
};

/** Throws TRUST_INVALID with the number of the line. */
export function parseTrust(text: string): Trust {
  return readTrust(sha256, text);
}

/** Whether a pin of this note would be taken: a key of its origin in the trust file signed it. */
export function isTrustedNote(note: SignedText, trust: Trust): boolean {
  const signatures = signaturesOf(trust, note);
  for (const asked of signatures.filter(({ isAskable }) => isAskable)) {
    asked.good = nodePrimitives.verifyEd25519(asked.key.publicKey, asked.message, asked.signature);
  }
  return isSignedBy(signatures, note);
}

/**
 * Verifies a bundle offline (LOG.md §5). `trust` is the text of the auditor's trust file. Never
 * throws for what is in its arguments: the verdict says what is wrong and carries the exit code.
 */
export function verifyBundle(
  bytes: Uint8Array,
  trust: string,
  options: VerifyOptions = {},
): Verdict {
  return verifyWith(nodePrimitives, bytes, trust, options);
}
