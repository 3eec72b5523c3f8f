/**
 * Values of a query: decimal numbers, times, severities. A time may be relative; what it means is
 * decided by whoever asks, with the clock in hand.
 */
import { SEVERITY_WORDS } from './fields.ts';

/** Digits behind the point that are compared; records have no fractions, but texts may. */
const DECIMAL_PLACES = 6;
const DECIMAL = /^(-?)(\d{1,18})(?:\.(\d{1,6}))?$/;

/** A decimal number in millionths; `undefined` for any other text. */
export function decimalOf(text: string): bigint | undefined {
  const match = DECIMAL.exec(text);
  if (match === null) return undefined;
  const [, sign, whole, part = ''] = match;
  const value = BigInt(`${whole}${part.padEnd(DECIMAL_PLACES, '0')}`);
  return sign === '-' ? -value : value;
}

export function isInteger(text: string): boolean {
  return /^-?\d{1,18}$/.test(text);
}

/** A time has the span that its text leaves open: a date is a whole day. Nanoseconds, inclusive. */
export interface TimeSpan {
  first: bigint;
  last: bigint;
}

const NS_PER_MS = 1_000_000n;
const MS_PER_S = 1_000;
const UNIT_MS: Record<string, number> = {
  s: MS_PER_S,
  m: 60 * MS_PER_S,
  h: 3_600 * MS_PER_S,
  d: 86_400 * MS_PER_S,
  w: 604_800 * MS_PER_S,
};
export const RELATIVE_TIME = /^now(?:([+-])(\d{1,6})([smhdw]))?$/;
const NANOSECONDS = /^\d{16,19}$/;
const ISO =
  /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:?\d\d)?)?$/;
const NS_MAX = 2n ** 63n - 1n;

/** `undefined` for a text that is no time: ISO 8601 (UTC where no zone is given), `now-1h`, ns. */
export function timeSpan(text: string, nowNs: bigint): TimeSpan | undefined {
  if (NANOSECONDS.test(text)) {
    const ns = BigInt(text);
    return ns > NS_MAX ? undefined : { first: ns, last: ns };
  }
  const relative = RELATIVE_TIME.exec(text);
  if (relative !== null) {
    const [, sign, amount = '0', unit = 's'] = relative;
    const moved = BigInt(Number(amount) * UNIT_MS[unit]!) * NS_PER_MS;
    const ns = clamped(sign === '-' ? nowNs - moved : nowNs + moved);
    return { first: ns, last: ns };
  }
  return isoSpan(text);
}

function clamped(ns: bigint): bigint {
  if (ns < 0n) return 0n;
  return ns > NS_MAX ? NS_MAX : ns;
}

function isoSpan(text: string): TimeSpan | undefined {
  const match = ISO.exec(text);
  if (match === null) return undefined;
  const [, day, hour, minute, second, fraction, zone = 'Z'] = match;
  const offset = zone === 'Z' || zone.includes(':') ? zone : `${zone.slice(0, 3)}:${zone.slice(3)}`;
  const clock = `${hour ?? '00'}:${minute ?? '00'}:${second ?? '00'}`;
  const ms = Date.parse(`${day}T${clock}${offset}`);
  // February 30 is read as March 1 by some: what is no day must not become another one.
  if (Number.isNaN(ms) || new Date(`${day}T00:00:00Z`).toISOString().slice(0, 10) !== day) {
    return undefined;
  }
  const within = BigInt((fraction ?? '').padEnd(9, '0'));
  const first = BigInt(ms) * NS_PER_MS + within;
  return first < 0n || first > NS_MAX
    ? undefined
    : { first, last: first + widthOf(hour, second, fraction) - 1n };
}

/** Nanoseconds that a text with these members leaves open. */
function widthOf(hour?: string, second?: string, fraction?: string): bigint {
  if (hour === undefined) return BigInt(UNIT_MS.d!) * NS_PER_MS;
  if (second === undefined) return BigInt(UNIT_MS.m!) * NS_PER_MS;
  return 10n ** BigInt(9 - (fraction?.length ?? 0));
}

/** A time as it stands in a tree whose times are fixed. */
export function fixedSpan(text: string): TimeSpan {
  return timeSpan(text, 0n)!;
}

/** Whether a text is a time at all. */
export function isTime(text: string): boolean {
  return timeSpan(text, NS_MAX / 2n) !== undefined;
}

/** Rank of a severity's word among them, from 0; -1 for any other text. */
export function severityRank(text: string): number {
  return (SEVERITY_WORDS as readonly string[]).indexOf(text.toLowerCase());
}

/** Column ranks: 0 ordinary to 5 worst (`eventSeverity`). */
export function isRank(text: string): boolean {
  return /^[0-5]$/.test(text);
}
