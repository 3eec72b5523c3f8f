/** The live connection is cut while things happen: the page says so, and then has them all. */
import assert from 'node:assert/strict';
import { until } from '../path/until.ts';
import type { Tab } from './browser.ts';
import type { House } from './house.ts';
import { push } from './push.ts';
import { rowsWith, write } from './timeline.ts';

const SESSION = 'cut';
/** High enough to draw every row at once. */
const HIGH = { height: 1_800 };
const MISSED = 25;
const SAID_MS_MAX = 15_000;
const BACK_MS_MAX = 30_000;

export async function missesNothing(house: House): Promise<void> {
  await push(house.system, SESSION, [write('/cut/before')]);
  const tab = await house.tab(`/s/${SESSION}`, HIGH);
  const mark = tab.page.getByRole('status', { name: 'Live connection' });
  await rowsWith(tab, '/cut/before').waitFor();
  await mark.getByText('Live', { exact: true }).waitFor();
  house.wire.isAway = true;
  house.wire.cut();
  await mark.getByText('Connection lost').waitFor({ timeout: SAID_MS_MAX });
  await tab.page.getByText('Connection lost — reconnecting, nothing will be missed.').waitFor();
  const missed = Array.from({ length: MISSED }, (_, i) => write(`/cut/meanwhile/${i}`));
  await push(house.system, SESSION, missed);
  assert.equal(await rowsWith(tab, '/cut/meanwhile').count(), 0, 'there is no connection');
  house.wire.restore();
  await mark.getByText('Live', { exact: true }).waitFor({ timeout: BACK_MS_MAX });
  await push(house.system, SESSION, [write('/cut/after')]);
  await rowsWith(tab, '/cut/after').waitFor();
  await until('each event is shown once, in order', BACK_MS_MAX, async () => {
    return (await shown(tab)).length >= MISSED + 2 ? true : undefined;
  });
  assert.deepEqual(await shown(tab), await stored(house));
  tab.assertSound();
  await tab.close();
}

/** Paths in the order of the rows. */
async function shown({ page }: Tab): Promise<string[]> {
  const rows = await page.getByRole('grid').getByRole('row').allInnerTexts();
  return rows.flatMap((text) => /\/cut\/[\w/]+/.exec(text)?.[0] ?? []);
}

async function stored(house: House): Promise<string[]> {
  interface Item {
    record: { file: { path: string } };
  }
  const path = `/v1/sessions/${SESSION}/events?kind=file.write&limit=1000`;
  const { items } = await house.json<{ items: Item[] }>(path);
  return items.map(({ record }) => record.file.path);
}
