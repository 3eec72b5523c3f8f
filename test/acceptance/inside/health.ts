/** Source health in the dashboard: what should be heard, what is, and what that leaves unseen. */
import type { TestContext } from 'node:test';
import { House } from '../faces/house.ts';
import {
  fitsATelephone,
  namesMissingSources,
  narrowsByKeys,
  saysSoWithoutSources,
  showsWhatCannotBeSeen,
} from '../faces/sources.ts';

const SHOWS: Record<string, (house: House) => Promise<void>> = {
  'says so without sources': saysSoWithoutSources,
  'names missing sources': namesMissingSources,
  'is narrowed by keys': narrowsByKeys,
  'shows what cannot be seen': showsWhatCannotBeSeen,
  'fits a telephone': fitsATelephone,
};

export async function showsSourceHealth(t: TestContext): Promise<void> {
  const house = await House.open(t, false);
  if (house === undefined) return;
  for (const [what, show] of Object.entries(SHOWS)) {
    await t.test(what, async () => {
      house.wire.restore();
      await show(house);
    });
  }
}
