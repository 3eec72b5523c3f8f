/** Many schedules, one after the other; a failing one names its seed. */
import { World, type WorldOptions } from './world.ts';

export interface Tally {
  schedules: number;
  kills: number;
  notes: number;
}

/** Throws what the first failing schedule throws. */
export async function runSchedules(
  count: number,
  options: Omit<WorldOptions, 'seed'>,
  firstSeed = 0,
): Promise<Tally> {
  const tally: Tally = { schedules: 0, kills: 0, notes: 0 };
  for (let seed = firstSeed; seed < firstSeed + count; seed++) {
    const world = new World({ seed, ...options });
    try {
      await world.run();
    } catch (cause) {
      throw new Error(`seed ${seed}: ${(cause as Error).message}`, { cause });
    }
    tally.schedules++;
    tally.kills += world.kills;
    tally.notes += world.published.notes;
  }
  return tally;
}
