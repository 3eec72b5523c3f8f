/**
 * The arguments of a call as strace prints them: split at the top level, C strings decoded, file
 * descriptors with the path or socket they stand for.
 */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LESS = 0x3c;
const GREATER = 0x3e;
const MINUS = 0x2d;
const COMMA = 0x2c;
const OPENING = new Set([0x28, 0x5b, 0x7b]);
const CLOSING = new Set([0x29, 0x5d, 0x7d]);

/** The top-level arguments, trimmed. Brackets, strings and `<annotations>` are not split. */
export function splitArguments(text: string): string[] {
  const found: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at);
    else if (code === LESS && isAnnotated(text, at)) at = endOfAnnotation(text, at);
    else if (OPENING.has(code)) depth++;
    else if (CLOSING.has(code)) depth--;
    else if (code === COMMA && depth === 0) {
      found.push(text.slice(start, at).trim());
      start = at + 1;
    }
  }
  const last = text.slice(start).trim();
  if (last !== '' || found.length > 0) found.push(last);
  return found;
}

/** Index of the parenthesis that closes the arguments which begin at `start`. */
export function endOfArguments(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at);
    else if (code === LESS && isAnnotated(text, at)) at = endOfAnnotation(text, at);
    else if (OPENING.has(code)) depth++;
    else if (CLOSING.has(code) && --depth < 0) return at;
  }
  return text.length;
}

/** An annotation follows a number or `AT_FDCWD` at once; elsewhere `<` is `<<` or the like. */
function isAnnotated(text: string, at: number): boolean {
  const before = text.charCodeAt(at - 1);
  const follows = (before >= 0x30 && before <= 0x39) || text.startsWith('AT_FDCWD', at - 8);
  return follows && text.charCodeAt(at + 1) !== LESS;
}

function endOfString(text: string, open: number): number {
  for (let at = open + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === BACKSLASH) at++;
    else if (code === QUOTE) return at;
  }
  return text.length;
}

/** `<` and `>` of a name are escaped; what is left is nesting, strings and the `->` of a socket. */
function endOfAnnotation(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === BACKSLASH) at++;
    else if (code === QUOTE) at = endOfString(text, at);
    else if (code === LESS) depth++;
    else if (code === GREATER && text.charCodeAt(at - 1) !== MINUS && --depth === 0) return at;
  }
  return text.length;
}

export interface Descriptor {
  /** `AT_FDCWD` or the number. */
  number: string;
  /** What stands between `<` and `>`, still escaped; absent when strace does not know. */
  annotation?: string;
  deleted: boolean;
}

/** `3</ws/a.txt>(deleted)`, `AT_FDCWD</ws>`, `5<TCP:[…]>`; `undefined` for anything else. */
export function readDescriptor(text: string): Descriptor | undefined {
  const number = /^(AT_FDCWD|\d+)/.exec(text)?.[1];
  if (number === undefined) return undefined;
  if (text[number.length] !== '<') return { number, deleted: false };
  const end = endOfAnnotation(text, number.length);
  const annotation = text.slice(number.length + 1, end);
  return { number, annotation, deleted: text.startsWith('(deleted)', end + 1) };
}

/**
 * The path of a descriptor that is a file: absolute, decoded. Devices are `</dev/null<char 1:3>>`.
 */
export function descriptorPath(descriptor: Descriptor | undefined): Decoded | undefined {
  const text = descriptor?.annotation;
  if (text === undefined || !text.startsWith('/')) return undefined;
  const device = text.indexOf('<');
  return decodeEscapes(device < 0 ? text : text.slice(0, device));
}

export interface Decoded {
  text: string;
  /** The bytes are no UTF-8: some characters stand for others. */
  lossy: boolean;
}

/**
 * A C string with its quotes; `cut` when strace shortened it. `undefined` for `NULL` and others.
 */
export function readString(text: string): (Decoded & { cut: boolean }) | undefined {
  const at = text.startsWith('@"') ? 1 : 0;
  if (text.charCodeAt(at) !== QUOTE) return undefined;
  const end = endOfString(text, at);
  const decoded = decodeEscapes(text.slice(at + 1, end));
  return { ...decoded, cut: text.startsWith('...', end + 1) };
}

const SIMPLE: Record<string, number> = { n: 10, t: 9, r: 13, v: 11, f: 12, a: 7, b: 8, e: 27 };

/**
 * Undoes C escapes. strace prints ASCII only; octal escapes are bytes, which together are UTF-8.
 */
export function decodeEscapes(text: string): Decoded {
  if (!text.includes('\\')) return { text, lossy: false };
  const bytes: number[] = [];
  for (let at = 0; at < text.length; at++) {
    if (text.charCodeAt(at) !== BACKSLASH) {
      bytes.push(text.charCodeAt(at) & 0xff);
      continue;
    }
    const octal = /^[0-7]{1,3}/.exec(text.slice(at + 1, at + 4))?.[0];
    const hex = /^x[0-9a-f]{2}/i.exec(text.slice(at + 1, at + 4))?.[0];
    if (octal !== undefined) bytes.push(Number.parseInt(octal, 8) & 0xff);
    else if (hex !== undefined) bytes.push(Number.parseInt(hex.slice(1), 16));
    else bytes.push(SIMPLE[text[at + 1]!] ?? text.charCodeAt(at + 1) & 0xff);
    at += octal?.length ?? hex?.length ?? 1;
  }
  const buffer = Buffer.from(bytes);
  const decoded = buffer.toString('utf8');
  return { text: decoded, lossy: !Buffer.from(decoded).equals(buffer) };
}
