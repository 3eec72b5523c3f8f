/** Bytes as text, and the three hashes of the log (LOG.md §1) over any SHA-256. */
import { type JsonObject, RECORD_BYTES_MAX } from '@vitrine/schema/record';

/** Synchronous; must not keep its argument. */
export type Sha256<H extends Uint8Array = Uint8Array> = (bytes: Uint8Array) => H;

export const RFC6962_LEAF_PREFIX = 0;
export const RFC6962_NODE_PREFIX = 1;
/** LOG.md §1: keeps a part's commitment apart from every leaf and node. */
export const PART_PREFIX = 2;

/** 43 characters and one pad; the last character has two spare bits, which are zero. */
const HASH_TEXT = /^[\w+/]{42}[AEIMQUYcgkosw048]=$/;
/** A multiple of 4. */
const SLICE_CHARS = 65_536;
const encoder = new TextEncoder();
const scratch = new Uint8Array(1 + RECORD_BYTES_MAX);

/** H(prefix ‖ a ‖ b) */
export function hashBehind<H extends Uint8Array>(
  sha256: Sha256<H>,
  prefix: number,
  a: Uint8Array,
  b?: Uint8Array,
): H {
  const length = 1 + a.length + (b?.length ?? 0);
  const bytes = length <= scratch.length ? scratch : new Uint8Array(length);
  bytes[0] = prefix;
  bytes.set(a, 1);
  if (b) bytes.set(b, 1 + a.length);
  return sha256(bytes.subarray(0, length));
}

export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text);
}

/** How many bytes of UTF-8 a text has; Infinity where no record has so many. */
export function recordBytes(text: string): number {
  const { read, written } = encoder.encodeInto(text, scratch);
  return read < text.length || written > RECORD_BYTES_MAX ? Infinity : written;
}

export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Base64 of exactly 32 bytes. Engines are fastest at `\w`, which has one character too many. */
export function isHash(value: unknown): value is string {
  return typeof value === 'string' && HASH_TEXT.test(value) && !value.includes('_');
}

/** `undefined` when the text is not strict: decode, encode again, compare, some at a time. */
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  let length = 0;
  for (let at = 0; at < text.length; at += SLICE_CHARS) {
    const slice = text.slice(at, at + SLICE_CHARS);
    const binary = binaryOf(slice);
    // Only what ends in padding gives a number of bytes that is not a multiple of 3.
    if (length % 3 !== 0 || btoa(binary) !== slice) return undefined;
    for (let i = 0; i < binary.length; i++) bytes[length++] = binary.charCodeAt(i);
  }
  return bytes.subarray(0, length);
}

function binaryOf(base64: string): string {
  try {
    return atob(base64);
  } catch {
    return '';
  }
}

export function encodeBase64(bytes: Uint8Array): string {
  let binary = '';
  for (let i = 0; i < bytes.length; i++) binary += String.fromCharCode(bytes[i]!);
  return btoa(binary);
}
