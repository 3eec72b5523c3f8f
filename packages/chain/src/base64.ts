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

/** The two characters of each 12 bits: half as many steps as one by one. */
const PAIRS = Array.from({ length: 4_096 }, (_, i) => ALPHABET[i >> 6]! + ALPHABET[i & 63]!);

export function encodeBase64(bytes: Uint8Array): string {
  let text = '';
  let i = 0;
  for (; i + 2 < bytes.length; i += 3) {
    const bits = (bytes[i]! << 16) | (bytes[i + 1]! << 8) | bytes[i + 2]!;
    text += PAIRS[bits >> 12]! + PAIRS[bits & 4_095]!;
  }
  const rest = bytes.length - i;
  if (rest === 0) return text;
  const bits = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8);
  text += PAIRS[bits >> 12]!;
  return text + (rest === 2 ? `${ALPHABET[(bits >> 6) & 63]!}=` : '==');
}

/** Whether `decodeBase64` would read the text, without taking memory for its bytes. */
export function isBase64Text(text: string): boolean {
  const { length } = text;
  if (length % 4 !== 0) return false;
  const pads = padsOf(text);
  const end = length - pads;
  for (let i = 0; i < end; i++) if (valueAt(text, i) === NOT_IN_ALPHABET) return false;
  if (pads === 0) return true;
  return (valueAt(text, end - 1) & (pads === 2 ? 15 : 3)) === 0;
}

/** `undefined` when the text is not what `encodeBase64` would write. */
export function decodeBase64(text: string): Uint8Array | undefined {
  if (!isBase64Text(text)) return undefined;
  const { length } = text;
  const pads = padsOf(text);
  const bytes = new Uint8Array((length / 4) * 3 - pads);
  let at = 0;
  for (let i = 0; i < length; i += 4) {
    // A pad is no value; it stands where no byte is taken from.
    const bits =
      (valueAt(text, i) << 18) |
      (valueAt(text, i + 1) << 12) |
      ((valueAt(text, i + 2) & 63) << 6) |
      (valueAt(text, i + 3) & 63);
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
