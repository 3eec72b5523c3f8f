/**
 * A fixed table of short ASCII texts seen lately. Telemetry repeats the same keys and values in
 * every record, and asking the engine for a new string costs more than finding the old one. Owns
 * its table; hostile input can only make it useless, never larger.
 */
const SLOTS = 4_096;
const CHARS_MAX = 64;
const table: string[] = new Array(SLOTS).fill('');

/** The UTF-8 text in `bytes[start, end)`. */
export function internText(bytes: Buffer, start: number, end: number): string {
  const length = end - start;
  if (length === 0) return '';
  if (length > CHARS_MAX) return bytes.toString('utf8', start, end);
  let hash = length;
  let bits = 0;
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!;
    bits |= byte;
    hash = (Math.imul(hash, 31) + byte) | 0;
  }
  if (bits >= 0x80) return bytes.toString('utf8', start, end);
  const slot = (hash ^ (hash >>> 15)) & (SLOTS - 1);
  const known = table[slot]!;
  if (known.length === length && isSame(known, bytes, start)) return known;
  const text = bytes.toString('latin1', start, end);
  table[slot] = text;
  return text;
}

function isSame(text: string, bytes: Buffer, start: number): boolean {
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) !== bytes[start + i]) return false;
  }
  return true;
}
