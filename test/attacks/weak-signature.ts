/**
 * Signatures that verify by the equation of RFC 8032 §5.1.7 alone, and that a verifier must refuse:
 * with a neutral key for every message, or with a neutral R by the owner of an ordinary key.
 */
import { createHash } from 'node:crypto';

/** RFC 8032 §5.1: the order of the base point. */
const RFC8032_L = 2n ** 252n + 27_742_317_777_372_353_535_851_937_790_883_648_493n;
/** The neutral element: y is 1, x is 0. */
export const NEUTRAL = Buffer.concat([Buffer.from([1]), Buffer.alloc(31)]);

/** S is 0: under a neutral key, S·B = R + k·A for every message. */
export const FORGERY = Buffer.concat([NEUTRAL, Buffer.alloc(32)]);

/** R is neutral and S is k·a: S·B = R + k·A. `seed` is that of the key, `vkey` names the key. */
export function neutralSignature(seed: Buffer, vkey: string, message: string): Buffer {
  const publicKey = Buffer.from(vkey.split('+').slice(2).join('+'), 'base64').subarray(1);
  const scalar = Buffer.from(sha512(seed).subarray(0, 32));
  scalar[0]! &= 248;
  scalar[31] = (scalar[31]! & 127) | 64;
  const k = numberOf(sha512(Buffer.concat([NEUTRAL, publicKey, Buffer.from(message)])));
  return Buffer.concat([NEUTRAL, bytesOf((k * numberOf(scalar)) % RFC8032_L)]);
}

function sha512(bytes: Buffer): Buffer {
  return createHash('sha512').update(bytes).digest();
}

/** Little-endian, as everything in RFC 8032. */
function numberOf(bytes: Buffer): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);
}

function bytesOf(number: bigint): Buffer {
  return Buffer.from(number.toString(16).padStart(64, '0'), 'hex').reverse();
}
