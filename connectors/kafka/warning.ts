/**
 * kafkajs 2.2.4 sets a timer of some −55 years after each answer; Node.js makes 1 ms of it and says
 * so once, with a warning that people would take for a fault of ours.
 */
const NAME = 'TimeoutNegativeWarning';
const KAFKAJS = /[\\/]kafkajs[\\/]/;

let isQuiet = false;

/** From now on that one warning is not shown when kafkajs causes it; every other one is. */
export function withoutNegativeTimeouts(): void {
  if (isQuiet) return;
  isQuiet = true;
  const emit = process.emitWarning as (...args: unknown[]) => void;
  const filtered = (...args: unknown[]): void => {
    if (args[1] === NAME && KAFKAJS.test(new Error().stack ?? '')) return;
    emit.apply(process, args);
  };
  process.emitWarning = filtered as typeof process.emitWarning;
}
