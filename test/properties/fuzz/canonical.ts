/**
 * An oracle for records, written from LOG.md §1 on top of the platform's own JSON: slow, and
 * without a line of the parser that it judges.
 */
import { isUtf8 } from 'node:buffer';

const BYTES_MAX = 65_535;
const DEPTH_MAX = 16;
const ASCII = /^[\0-\x7f]*$/;

/** The bytes are those of an object in canonical form (RFC 8785) within the limits of LOG.md §1. */
export function isCanonical(bytes: Buffer): boolean {
  if (bytes.length > BYTES_MAX || !isUtf8(bytes) || bytes[0] !== '{'.charCodeAt(0)) return false;
  const text = bytes.toString();
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return false;
  }
  return isAllowed(value, 1) && canonical(value) === text;
}

function isAllowed(value: unknown, depth: number): boolean {
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value === 'number') return Number.isSafeInteger(value);
  if (typeof value !== 'object' || value === null) return true;
  if (depth > DEPTH_MAX) return false;
  const keys = Array.isArray(value) ? [] : Object.keys(value);
  if (!keys.every((key) => ASCII.test(key) && key !== '__proto__')) return false;
  return Object.values(value).every((member) => isAllowed(member, depth + 1));
}

/** RFC 8785 of what `isAllowed` lets through. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`)}}`;
}
