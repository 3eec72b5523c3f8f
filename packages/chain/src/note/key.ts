/** The Ed25519 key of a log: signs checkpoints, and nothing else. Node's OpenSSL holds it. */
import { createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { ChainError } from '../error.ts';
import { sha256 } from '../hash/node.ts';
import { C2SP_ED25519, isKeyName, keyIdOf } from '../verify/note.ts';
import { formatVkey } from './checkpoint.ts';

export interface LogKey {
  /** Also the key's name. */
  origin: string;
  vkey: string;
  /** 8 hex digits */
  keyId: string;
  /** 64 bytes; the same message gives the same bytes (RFC 8032). */
  sign(message: Uint8Array): Buffer;
}

const SEED_BYTES = 32;
/** RFC 8410 §7: everything of a PKCS #8 Ed25519 key before its seed. */
const RFC8410_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

/** `seed` is 32 random bytes. Throws KEY_INVALID. */
export function generateLogKey(origin: string, seed: Buffer): LogKey {
  if (!isKeyName(origin)) throw new ChainError('KEY_INVALID', 'the origin is no name of a key');
  if (seed.length !== SEED_BYTES) throw new ChainError('KEY_INVALID', 'the seed is not 32 bytes');
  const der = Buffer.concat([RFC8410_PREFIX, seed]);
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const publicKey = rawPublicKey(key);
  const keyId = keyIdOf(sha256, origin, C2SP_ED25519, publicKey);
  const vkey = formatVkey({ name: origin, keyId, type: C2SP_ED25519, publicKey });
  return { origin, vkey, keyId, sign: (message) => sign(null, message, key) };
}

function rawPublicKey(key: KeyObject): Uint8Array<ArrayBuffer> {
  const jwk = createPublicKey(key).export({ format: 'jwk' });
  return Uint8Array.from(Buffer.from(jwk.x!, 'base64url'));
}
