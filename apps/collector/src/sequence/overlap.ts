/**
 * The order in which a writer makes and commits: the next batch is made while the one before is on
 * its way, and nothing of it becomes durable before that is published (LOG.md §3).
 */

export interface OverlapSteps<Made> {
  /**
   * Makes a batch while the one `before` is committed, which resolves `false` where that will not
   * be published. `undefined` when nothing has come by then, `null` when it was stopped.
   */
  make(before: Promise<boolean>): Promise<Made | null | undefined>;
  /** `false` when it was stopped first: the next start finishes what was decided. */
  commit(made: Made): Promise<boolean>;
  /** Whether the state has to come to rest on what is published, asked while that is committed. */
  rests(): boolean;
}

/** Commits a batch, and those that are made meanwhile. `false`: it was stopped before the end. */
export async function sealOn<Made>(steps: OverlapSteps<Made>): Promise<boolean> {
  for (let made = await steps.make(PUBLISHED); made !== undefined; ) {
    if (made === null) return false;
    const published = steps.commit(made);
    const before = published.catch(() => false);
    const next = steps.rests() ? undefined : await steps.make(before);
    if (!(await published)) return false;
    made = next;
  }
  return true;
}

/** There is no batch before that would have to be waited for. */
export const PUBLISHED: Promise<boolean> = Promise.resolve(true);
