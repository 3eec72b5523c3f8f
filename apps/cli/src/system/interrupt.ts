/**
 * Ctrl-C and its relatives as an AbortSignal. They may come several times (terminal, npm and a
 * parent each send theirs); all but the first are ignored while the work ends in order.
 */
const ENDING: NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

export interface Interrupt {
  signal: AbortSignal;
  /** Resolves at the first of them. */
  happened: Promise<void>;
  /** Leaves the signals to whoever had them before. */
  release(): void;
}

export function onInterrupt(): Interrupt {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  for (const name of ENDING) process.on(name, abort);
  const { signal } = controller;
  return {
    signal,
    happened: new Promise((resolve) => {
      signal.addEventListener('abort', () => resolve(), { once: true });
    }),
    release() {
      for (const name of ENDING) process.off(name, abort);
    },
  };
}
