/** Waits for something that others do. */
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 50;

/** The first answer that is not `undefined`; fails after `ms` with what was waited for. */
export async function until<T>(
  what: string,
  ms: number,
  look: () => Promise<T | undefined> | T | undefined,
): Promise<T> {
  const deadline = performance.now() + ms;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > deadline) throw new Error(`${what}: not within ${ms} ms`);
    await sleep(POLL_MS);
  }
}
