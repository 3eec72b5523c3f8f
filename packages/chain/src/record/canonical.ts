/**
 * Writes the canonical bytes of a record: JCS (RFC 8785) restricted to what means the same in every
 * language (LOG.md §1). Works on strings; needs nothing of Node but the final encoding.
 */
import { JSON_DEPTH_MAX, type Json, type JsonObject, RECORD_INTEGER_MAX } from '@vitrine/schema';
import { ChainError } from '../error.ts';

const NEEDS_ESCAPE = /["\\\x00-\x1f\ud800-\udfff]/;
const NOT_ASCII = /[^\x00-\x7f]/;

/** Throws RECORD_INVALID for anything LOG.md §1 does not allow in a record. */
export function canonicalBytes(value: JsonObject): Buffer {
  return Buffer.from(canonicalText(value));
}

/** `depth` is the depth of `value` itself: a record stands at 1. */
export function canonicalText(value: Json, depth = 1): string {
  switch (typeof value) {
    case 'string':
      return quote(value);
    case 'number':
      return integerText(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      break;
    default:
      throw invalid(`a ${typeof value} is no JSON value`);
  }
  if (value === null) return 'null';
  if (depth > JSON_DEPTH_MAX) throw invalid(`nested deeper than ${JSON_DEPTH_MAX}`);
  return Array.isArray(value) ? arrayText(value, depth) : objectText(value, depth);
}

function arrayText(items: Json[], depth: number): string {
  let text = '[';
  for (let i = 0; i < items.length; i++) {
    if (i > 0) text += ',';
    text += canonicalText(items[i]!, depth + 1);
  }
  return `${text}]`;
}

function objectText(value: JsonObject, depth: number): string {
  let text = '{';
  for (const key of sortedKeys(value)) {
    if (text.length > 1) text += ',';
    text += `${quote(key)}:${canonicalText(value[key]!, depth + 1)}`;
  }
  return `${text}}`;
}

/** Keys in the order of their UTF-16 code units (RFC 8785 §3.2.3), which is that of their bytes. */
export function sortedKeys(value: JsonObject): string[] {
  const keys = Object.keys(value);
  let sorted = true;
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i]!;
    if (NOT_ASCII.test(key) || key === '__proto__') throw invalid('a key that is not allowed');
    if (i > 0 && keys[i - 1]! > key) sorted = false;
  }
  return sorted ? keys : keys.sort();
}

export function isAllowedKey(key: string): boolean {
  return key !== '__proto__' && !NOT_ASCII.test(key);
}

export function quote(text: string): string {
  if (!NEEDS_ESCAPE.test(text)) return `"${text}"`;
  if (!text.isWellFormed()) throw invalid('a lone surrogate');
  // JSON.stringify escapes strings exactly as RFC 8785 §3.2.2.2 asks.
  return JSON.stringify(text);
}

function integerText(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) <= RECORD_INTEGER_MAX) return `${value}`;
  throw invalid(`the number ${value}; records hold safe integers`);
}

function invalid(found: string): ChainError {
  const hint = 'put large numbers and fractions into decimal text, and content into parts';
  return new ChainError('RECORD_INVALID', `a record cannot hold ${found}`, hint);
}
