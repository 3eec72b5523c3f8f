/** Wire values as canonical JSON, byte by byte: what `writer.ts` does for each attribute. */

/** No byte becomes longer than `\u00xx`. */
export const TEXT_BYTES_PER_BYTE_MAX = 6;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
const ASCII_END = 0x80;
const DIGIT_0 = 0x30;
const HEX = Buffer.from('0123456789abcdef');
/** RFC 8785 §3.2.2.2; every other control character is written as `\u00xx`. */
const SHORT_ESCAPES = new Map<number, number>([
  [0x08, 0x62],
  [0x09, 0x74],
  [0x0a, 0x6e],
  [0x0c, 0x66],
  [0x0d, 0x72],
  [QUOTE, QUOTE],
  [BACKSLASH, BACKSLASH],
]);

/** A length prefix that reaches exactly to `end`: where what it measures begins, else -1. */
export function behindLength(from: Buffer, start: number, end: number): number {
  let length = 0;
  let pos = start;
  for (let shift = 0; shift < 28 && pos < end; shift += 7) {
    const byte = from[pos++]!;
    length |= (byte & 0x7f) << shift;
    if (byte < 0x80) return pos + length === end ? pos : -1;
  }
  return -1;
}

/** The varint in `from[start, end)` if it is all of that and below 2^53, else -1. */
export function wireInteger(from: Buffer, start: number, end: number): number {
  let value = 0;
  let scale = 1;
  for (let i = start; i < end; i++) {
    const byte = from[i]!;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return i + 1 === end && Number.isSafeInteger(value) ? value : -1;
    scale *= 128;
  }
  return -1;
}

export function isAscii(bytes: Buffer, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (bytes[i]! >= ASCII_END) return false;
  return true;
}

/** Writes a text of ASCII in quotes: its end, or -1 for any other. Room is there. */
export function putEscaped(
  from: Buffer,
  start: number,
  end: number,
  to: Buffer,
  at: number,
): number {
  let pos = at;
  to[pos++] = QUOTE;
  for (let i = start; i < end; i++) {
    const byte = from[i]!;
    if (byte >= ASCII_END) return -1;
    if (byte >= SPACE && byte !== QUOTE && byte !== BACKSLASH) to[pos++] = byte;
    else pos = putEscape(byte, to, pos);
  }
  to[pos++] = QUOTE;
  return pos;
}

function putEscape(byte: number, to: Buffer, at: number): number {
  const short = SHORT_ESCAPES.get(byte);
  to[at] = BACKSLASH;
  if (short !== undefined) {
    to[at + 1] = short;
    return at + 2;
  }
  to.write('u00', at + 1, 'latin1');
  to[at + 4] = HEX[byte >> 4]!;
  to[at + 5] = HEX[byte & 15]!;
  return at + 6;
}

/** Writes an integer from 0 below 2^53: its end. */
export function putDigits(value: number, to: Buffer, at: number): number {
  let end = at + 1;
  for (let rest = value; rest >= 10; rest = Math.floor(rest / 10)) end++;
  let rest = value;
  for (let i = end - 1; i >= at; i--) {
    const next = Math.floor(rest / 10);
    to[i] = DIGIT_0 + (rest - next * 10);
    rest = next;
  }
  return end;
}
