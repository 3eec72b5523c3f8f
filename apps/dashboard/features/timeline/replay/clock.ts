/** The clock of a replay: which row is due after so much time, idle stretches left out. */

/** Where a replay stands. */
export interface Standing {
  /** Recorded time that has been played, in nanoseconds. */
  t: bigint;
  /** Place of the row that was shown last. */
  at: number;
}

export interface Advance extends Standing {
  /** Recorded time that was left out, in ms; 0 for none. */
  skippedMs: number;
}

export const SPEEDS = [1, 10, 100] as const;
export type Speed = (typeof SPEEDS)[number];

/** Nobody watches longer than this for nothing. */
const IDLE_MS = 1_000;
/** What is left of an idle stretch, so that it is felt. */
const PAUSE_MS = 300;
const NS_PER_MS = 1_000_000n;

/**
 * `times` are those of the rows, in recorded order; a clock that went back makes no row wait.
 * `undefined` where the rows end.
 */
export function advance(
  times: readonly string[],
  { t, at }: Standing,
  elapsedMs: number,
  speed: Speed,
): Advance | undefined {
  if (at >= times.length - 1) return undefined;
  const played = t + scaled(elapsedMs, speed);
  let next = at;
  let reached = played;
  while (next < times.length - 1) {
    const due = BigInt(times[next + 1]!);
    if (due > reached) break;
    // Events behind a clock that went back are played from where they say they are.
    if (due < BigInt(times[next]!)) reached = due;
    next++;
  }
  if (next >= times.length - 1) return { t: reached, at: next, skippedMs: 0 };
  const wait = BigInt(times[next + 1]!) - reached;
  if (wait <= scaled(IDLE_MS, speed)) return { t: reached, at: next, skippedMs: 0 };
  const skipped = wait - scaled(PAUSE_MS, speed);
  return { t: reached + skipped, at: next, skippedMs: Number(skipped / NS_PER_MS) };
}

function scaled(ms: number, speed: Speed): bigint {
  return BigInt(Math.round(ms * speed)) * NS_PER_MS;
}
