/** Lengths of time as rules write them: `30s`, `15m`, `2h`, `1d`. */
import { invalid } from './error.ts';

const UNIT_MS: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds. */
export function durationOf(value: unknown, name: string): number {
  const match = /^([1-9]\d{0,5})([smhd])$/.exec(String(value));
  if (match === null) throw invalid(`${name} is not like 30s, 15m, 2h or 1d`);
  return Number(match[1]) * UNIT_MS[match[2]!]!;
}
