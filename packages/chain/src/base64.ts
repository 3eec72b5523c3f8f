/**
 * Strict standard base64 (RFC 4648 §4) without Node: one text for each byte string, so spare bits,
 * missing padding and foreign characters are refused instead of ignored.
 */

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const NOT_IN_ALPHABET = 255;
const VALUES = new Uint8Array(128).fill(NOT_IN_ALPHABET);
for (let i = 0; i < ALPHABET.length; i++) VALUES[ALPHABET.charCodeAt(i)] = i;

/** 43 characters and one pad; the last character has two spare bits, which are zero. */
const HASH_TEXT = /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/;

/** Base64 of exactly 32 bytes. */
export function isHashText(text: string): boolean {
  return text.length === 44 && HASH_TEXT.test(text);
}

export function encodeBase64(bytes: Uint8Array): string {
  let text = '';
  let i = 0;
  for (; i + 2 < bytes.length; i += 3) {
    const bits = (bytes[i]! << 16) | (bytes[i + 1]! << 8) | bytes[i + 2]!;
    text += ALPHABET[bits >> 18]! + ALPHABET[(bits >> 12) & 63]!;
    text += ALPHABET[(bits >> 6) & 63]! + ALPHABET[bits & 63]!;
  }
  const rest = bytes.length - i;
  if (rest === 0) return text;
  const bits = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8);
  text += ALPHABET[bits >> 18]! + ALPHABET[(bits >> 12) & 63]!;
  return text + (rest === 2 ? `${ALPHABET[(bits >> 6) & 63]!}=` : '==');
}

/** `undefined` when the text is not what `encodeBase64` would write. */
export function decodeBase64(text: string): Uint8Array | undefined {
  const { length } = text;
  if (length % 4 !== 0) return undefined;
  const pads = padsOf(text);
  const bytes = new Uint8Array((length / 4) * 3 - pads);
  let at = 0;
  for (let i = 0; i < length; i += 4) {
    const last = i + 4 === length;
    const a = valueAt(text, i);
    const b = valueAt(text, i + 1);
    const c = last && pads === 2 ? 0 : valueAt(text, i + 2);
    const d = last && pads > 0 ? 0 : valueAt(text, i + 3);
    if ((a | b | c | d) > 63) return undefined;
    const bits = (a << 18) | (b << 12) | (c << 6) | d;
    const spare = last && pads > 0 ? bits & (pads === 2 ? 0xffff : 0xff) : 0;
    if (spare !== 0) return undefined;
    bytes[at++] = bits >> 16;
    if (at < bytes.length) bytes[at++] = (bits >> 8) & 255;
    if (at < bytes.length) bytes[at++] = bits & 255;
  }
  return bytes;
}

function padsOf(text: string): number {
  if (text.endsWith('==')) return 2;
  return text.endsWith('=') ? 1 : 0;
}

function valueAt(text: string, i: number): number {
  return VALUES[text.charCodeAt(i)] ?? NOT_IN_ALPHABET;
}
