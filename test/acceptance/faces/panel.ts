/** The keys of the timeline, and the event that they open: six ways to look at it. */
import assert from 'node:assert/strict';
import { until } from '../path/until.ts';
import type { House } from './house.ts';
import { push } from './push.ts';
import { rowsWith, write } from './timeline.ts';

const PARTED_MS_MAX = 15_000;

export async function obeysKeys(house: House): Promise<void> {
  await push(house.system, 'keyed', ['/keyed/a', '/keyed/b', '/keyed/c'].map(write));
  const tab = await house.tab('/s/keyed');
  const { page } = tab;
  await rowsWith(tab, '/keyed/c').waitFor();
  await page.keyboard.press('/');
  const field = page.getByRole('combobox', { name: 'Filter by text' });
  assert.ok(await isFocused(field), '/ leads to the filter');
  await page.keyboard.type('j');
  assert.equal(await field.inputValue(), 'j', 'letters are letters there');
  await field.fill('');
  await page.keyboard.press('Escape');
  assert.ok(!(await isFocused(field)), 'Escape leads back');
  await page.waitForURL((url) => url.search === '');
  await rowsWith(tab, '/keyed/a').waitFor();
  await rowsWith(tab, '/keyed/a').click();
  const panel = page.getByRole('complementary', { name: /^Event \d+$/ });
  const heading = panel.getByRole('heading', { level: 2 });
  await heading.getByText('/keyed/a').waitFor();
  await page.keyboard.press('Escape');
  await panel.waitFor({ state: 'detached' });
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await heading.getByText('/keyed/b').waitFor();
  await page.waitForURL(/[?&]e=\d+/);
  await page.keyboard.press('j');
  await heading.getByText('/keyed/c').waitFor();
  await page.keyboard.press('k');
  await heading.getByText('/keyed/b').waitFor();
  tab.assertSound();
  await tab.close();
}

const KEPT_TAB = 'Raw record';

export async function opensInSixWays(house: House): Promise<void> {
  await push(house.system, 'opened', [write('/opened/a'), write('/opened/b')]);
  const tab = await house.tab('/s/opened');
  const { page } = tab;
  await rowsWith(tab, '/opened/a').click();
  const body = page.getByRole('tabpanel');
  const to = (name: string) => page.getByRole('tab', { name }).click();
  await body.getByText('file.path').waitFor();
  await to('Process');
  await body.getByText('No process').waitFor();
  await to('Vantage');
  await body
    .getByText('Who', { exact: false })
    .or(body.getByText('agent').first())
    .first()
    .waitFor();
  await to('Parts');
  await readsPart(house, 'opened', () => body.getByRole('button', { name: /^Read/ }).click());
  await body.getByText('timeUnixNano').waitFor();
  assert.equal(await body.getByRole('alert').count(), 0, 'it is what the record commits to');
  await to(KEPT_TAB);
  await body.getByText('"path": "/opened/a"').waitFor();
  // The tab stays while walking, and in the address.
  await page.getByRole('button', { name: 'Next event' }).click();
  await body.getByText('"path": "/opened/b"').waitFor();
  await page.reload();
  await body.getByText('"path": "/opened/b"').waitFor();
  tab.assertSound();
  await tab.close();
}

/** Who reads a part is written into the log; who only lists them is not. */
async function readsPart(house: House, session: string, act: () => Promise<void>): Promise<void> {
  const reads = async (): Promise<number> => {
    const path = '/v1/events?kind=access&limit=1000&order=desc';
    const { items } = await house.json<{ items: { record: { action: string } }[] }>(path);
    return items.filter(({ record }) => record.action === 'part.read').length;
  };
  const before = await reads();
  await act();
  await until(`a read of ${session} is in the log`, PARTED_MS_MAX, async () => {
    return (await reads()) === before + 1 ? true : undefined;
  });
}

function isFocused(field: { evaluate<R>(f: (e: never) => R): Promise<R> }): Promise<boolean> {
  return field.evaluate((element: { ownerDocument: { activeElement: unknown } }) => {
    return element.ownerDocument.activeElement === element;
  });
}
