/**
 * Time as an argument. What is shown to people and destinations comes from `now`; every wait is
 * measured with `monotonic`, so that a clock that is set cannot stall or rush a delivery.
 */
export interface Clock {
  /** Unix milliseconds, whole. */
  now(): number;
  /** Milliseconds that only grow, from any start. */
  monotonic(): number;
  /** Runs once after `ms`; the answer cancels it. */
  after(ms: number, run: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};
