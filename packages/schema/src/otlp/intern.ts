/**
 * A fixed table of short ASCII texts seen lately. Telemetry repeats the same keys and values in
 * every record, and asking the engine for a new string costs more than finding the old one. Owns
 * its table; hostile input can only make it useless, never larger.
 */
const SLOTS = 4_096;
const CHARS_MAX = 64;
const table: string[] = new Array(SLOTS).fill('');

/** The UTF-8 text in `bytes[start, end)`; an invalid sequence becomes U+FFFD. */
export function internText(bytes: Buffer, start: number, end: number): string {
  const length = end - start;
  if (length === 0) return '';
  if (length > CHARS_MAX) return bytes.toString('utf8', start, end);
  const slot = slotOf(bytes, start, length);
  const known = table[slot]!;
  if (known.length === length && isSame(known, bytes, start)) return known;
  const text = bytes.toString('utf8', start, end);
  // As long in units as in bytes: ASCII, or with a U+FFFD that no byte can equal.
  if (text.length === length) table[slot] = text;
  return text;
}

/** A few bytes tell most texts apart; those that share a slot only take it from each other. */
function slotOf(bytes: Buffer, start: number, length: number): number {
  const last = start + length - 1;
  const middle = start + (length >> 1);
  let hash = Math.imul(length, 0x9e37) ^ bytes[start]!;
  hash = Math.imul(hash, 31) + bytes[last]!;
  hash = Math.imul(hash, 31) + bytes[middle]!;
  if (length > 3) {
    hash = Math.imul(hash, 31) + bytes[last - 1]!;
    hash = Math.imul(hash, 31) + bytes[middle - 1]!;
    hash = Math.imul(hash, 31) + bytes[start + 1]!;
  }
  return (hash ^ (hash >>> 13)) & (SLOTS - 1);
}

function isSame(text: string, bytes: Buffer, start: number): boolean {
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) !== bytes[start + i]) return false;
  }
  return true;
}
