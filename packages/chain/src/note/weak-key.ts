/**
 * Ed25519 public keys under which a signature says nothing, or which implementations read in
 * different ways. Refused before any cryptography is asked, so that every verifier says the same.
 */
import { hexOf } from './checkpoint.ts';

/**
 * The y coordinates of the eight points of small order of edwards25519 (RFC 8032 §5.1), in little
 * endian: under such a key anybody can make signatures.
 */
const SMALL_ORDER = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
]);
const LAST = 31;
const SIGN_BIT = 0x80;

/** `true` also for a y that is not below 2^255 - 19, which RFC 8032 §5.1.3 does not decode. */
export function isWeakKey(publicKey: Uint8Array): boolean {
  const y = publicKey.slice();
  y[LAST]! &= ~SIGN_BIT;
  return isNotReduced(y) || SMALL_ORDER.has(hexOf(y));
}

/** 2^255 - 19 is `ed ff … ff 7f`. */
function isNotReduced(y: Uint8Array): boolean {
  if (y[LAST] !== 0x7f || y[0]! < 0xed) return false;
  return y.subarray(1, LAST).every((byte) => byte === 0xff);
}
