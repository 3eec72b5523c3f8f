/** Times in the sentences of a verdict. Nothing here reads a clock. */

export const NS_PER_MS = 1_000_000n;
export const NS_PER_S = 1_000_000_000n;
/** ECMA-262: the last millisecond a Date can hold. */
const DATE_MS_MAX = 8_640_000_000_000_000n;

/** ISO 8601 in UTC; times beyond the calendar stay numbers. */
export function timeText(ns: bigint): string {
  const ms = ns / NS_PER_MS;
  return ms > DATE_MS_MAX ? `${ns} ns` : new Date(Number(ms)).toISOString();
}

/** Orders decimal texts without leading zeros, however long they are. */
export function isBefore(a: string, b: string): boolean {
  return a.length === b.length ? a < b : a.length < b.length;
}
