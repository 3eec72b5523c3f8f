/** What a page says when there is nothing, when it is slow, when it fails; colours and widths. */
import assert from 'node:assert/strict';
import { alterJson } from './api-proxy.ts';
import type { Tab } from './browser.ts';
import type { House } from './house.ts';
import { push } from './push.ts';
import { rowsWith, write } from './timeline.ts';

const SLOW_MS = 6_000;
const RETRY_MS_MAX = 3_000;
const NARROW = { width: 390, height: 844 };

export async function saysWhenThereIsNothing(house: House): Promise<void> {
  const tab = await house.tab('/alerts?rule=NONE-000');
  await tab.page.getByRole('heading', { name: 'No alert matches' }).waitFor();
  await tab.go('/s/live?q=never-said');
  await tab.page.getByRole('heading', { name: 'No event matches the filter' }).waitFor();
  await tab.go('/s/never-opened');
  await tab.page.getByRole('heading', { name: 'There is no such session' }).waitFor();
  house.wire.alter = alterJson(/^\/v1\/sessions(\?|$)/, () => ({
    items: [],
    cursor: null,
    size: 0,
  }));
  await tab.go('/');
  await tab.page.getByRole('heading', { name: 'No session yet' }).waitFor();
  house.wire.restore();
  await tab.page.reload();
  await tab.page.getByRole('link', { name: 'live' }).first().waitFor();
  tab.assertSound();
  await tab.close();
}

export async function saysWhenItIsSlow(house: House): Promise<void> {
  await push(house.system, 'slow', [write('/slow/one')]);
  const tab = await house.tab('/alerts');
  house.wire.slowMs = SLOW_MS;
  try {
    await tab.go('/s/slow');
    await tab.page.getByText('This takes longer than usual').first().waitFor();
  } finally {
    house.wire.restore();
  }
  await rowsWith(tab, '/slow/one').waitFor();
  assert.equal(await tab.page.getByText('This takes longer than usual').count(), 0);
  tab.assertSound();
  await tab.close();
}

export async function saysWhatFailed(house: House): Promise<void> {
  const tab = await house.tab('/alerts');
  const body = Buffer.from(
    JSON.stringify({ code: 'STORE_AWAY', message: 'the store is away', hint: 'look at its log' }),
  );
  const failing = { '/': 'sessions', '/alerts': 'alerts', '/s/live/agents': 'agents' };
  for (const [path, what] of Object.entries(failing)) {
    house.wire.alter = () => ({ status: 400, body });
    await tab.go(path);
    const alert = tab.page.getByRole('alert').filter({ hasText: 'STORE_AWAY' });
    await alert.getByText(`The ${what} could not be loaded`).waitFor();
    await alert.getByText('look at its log').waitFor();
    house.wire.restore();
    // The page may ask again by itself before the click.
    const retry = alert.getByRole('button', { name: 'Try again' });
    await retry.click({ timeout: RETRY_MS_MAX }).catch(() => {});
    await alert.waitFor({ state: 'detached' });
  }
  tab.assertSound();
  await tab.close();
}

/** The colours are those the system asks for, until the person chooses. */
export async function isDarkAndLight(house: House): Promise<void> {
  const light = await house.tab('/', { colorScheme: 'light' });
  const dark = await house.tab('/', { colorScheme: 'dark' });
  const [lightAtFirst, darkAtFirst] = [await lightness(light), await lightness(dark)];
  assert.ok(lightAtFirst > 200 && darkAtFirst < 60, `${lightAtFirst}, ${darkAtFirst}`);
  await dark.page.getByRole('button', { name: 'Switch between dark and light' }).click();
  assert.equal(await lightness(dark), lightAtFirst);
  await dark.page.reload();
  assert.equal(await lightness(dark), lightAtFirst, 'the choice is kept');
  await light.close();
  await dark.close();
}

/** Of the page's ground, 0 to 255. */
async function lightness({ page }: Tab): Promise<number> {
  const color = await page.evaluate<string>(
    'getComputedStyle(document.documentElement).backgroundColor',
  );
  const [red = 0, green = 0, blue = 0] = color.match(/\d+/g)!.map(Number);
  return Math.round((red + green + blue) / 3);
}

/** On a telephone nothing sticks out at the side, and all of it is there. */
export async function fitsNarrowPages(house: House, paths: string[]): Promise<void> {
  const tab = await house.tab('/', NARROW);
  for (const path of paths) {
    await tab.go(path);
    await tab.page
      .getByRole('heading', { level: 1 })
      .or(tab.page.getByRole('grid'))
      .first()
      .waitFor();
    const width = await tab.page.evaluate<number>('document.documentElement.scrollWidth');
    assert.ok(width <= NARROW.width, `${path} is ${width} px wide`);
  }
  await tab.go('/');
  await tab.page.getByRole('list', { name: 'Sessions' }).getByRole('link').first().click();
  await tab.page.getByRole('grid').getByRole('row').nth(1).click();
  await tab.page.getByRole('tab', { name: 'Proof' }).click();
  await tab.page.getByRole('tabpanel').getByRole('status').first().waitFor();
  tab.assertSound();
  await tab.close();
}
