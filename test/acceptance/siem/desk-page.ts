/**
 * The same person in a browser: the page shows how each connector stands, and does what the
 * commands do, for those who may.
 */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Locator, Page } from 'playwright-core';
import { Tab } from '../faces/browser.ts';
import { House } from '../faces/house.ts';
import { isCleanAndSteady } from '../faces/quality.ts';
import { callApi, makeToken } from '../path/api.ts';
import { Desk, HELD_MS, NAME, SECRET, WRONG } from './desk-rig.ts';

export async function worksByPage(t: TestContext): Promise<void> {
  const desk = await Desk.open(t);
  const house = await House.open(t, false, desk.settings);
  if (house === undefined) return;
  await desk.serve(house.system);
  const tab = await house.tab('/connectors');
  const { page } = tab;
  const main = page.getByRole('main');
  await main.getByRole('link', { name: NAME, exact: true }).waitFor();
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await page.waitForURL((url) => url.searchParams.get('connector') === NAME);
  const panel = main.getByRole('region', { name: 'Connector', exact: true });
  await panel.getByText(desk.hook.url).waitFor();
  assert.ok(!(await page.content()).includes(SECRET.slice(6)), 'the secret is on the page');
  await triesOutInSight(desk, panel);
  await stopsInSight(desk, panel);
  await seesToDeadLettersInSight(desk, panel, page);
  await page.keyboard.press('Escape');
  await page.waitForURL((url) => url.search === '');
  tab.assertSound();
  await tab.close();
  await desk.dead('for-axe');
  await isCleanAndSteady(house, ['/connectors', `/connectors?connector=${NAME}`]);
  await offersToOthersNothing(house);
}

async function triesOutInSight(desk: Desk, panel: Locator): Promise<void> {
  const test = panel.getByRole('button', { name: 'Send a test alert' });
  const steps = panel.getByRole('list', { name: 'Steps' });
  await test.click();
  await panel.getByText('the destination confirmed it').waitFor();
  await steps.getByText('HTTP 200').waitFor();
  desk.keep(WRONG);
  await test.click();
  await panel.getByText('The test alert was not taken.').waitFor();
  await steps.getByText('HTTP 401').waitFor();
  desk.keep(SECRET);
  await test.click();
  await panel.getByText('the destination confirmed it').waitFor();
}

async function stopsInSight(desk: Desk, panel: Locator): Promise<void> {
  await panel.getByRole('button', { name: 'Pause …' }).click();
  const form = panel.getByRole('form', { name: `Pause ${NAME}` });
  assert.ok(await form.getByRole('button', { name: 'Pause' }).isDisabled(), 'without a reason');
  await form.getByLabel('Reason, for the log').fill('seen to by page');
  await form.getByRole('button', { name: 'Pause' }).click();
  await panel.getByText('A person paused it.').waitFor();
  const id = await desk.alert('page-paused');
  await sleep(HELD_MS);
  assert.deepEqual(desk.hook.taken('page-paused'), []);
  // The page is renewed by itself.
  await panel.getByText(/^1 for /).waitFor();
  await panel.getByRole('button', { name: 'Resume' }).click();
  await desk.took('page-paused', id);
  await panel.getByText('Resumed.').waitFor();
}

async function seesToDeadLettersInSight(desk: Desk, panel: Locator, page: Page): Promise<void> {
  const first = await desk.dead('page-refused-1');
  const second = await desk.dead('page-refused-2');
  const letters = panel.getByRole('list', { name: 'Dead letters' });
  const letter = (session: string): Locator =>
    letters.getByRole('listitem').filter({ hasText: session });
  await letter('page-refused-1').getByText('HTTP 422').waitFor();
  const link = letter('page-refused-1').getByRole('link');
  assert.equal(await link.getAttribute('href'), `/alerts?a=${first.index}`);
  desk.hook.status = 200;
  await letter('page-refused-1').getByRole('button', { name: 'Send again' }).click();
  await desk.took('page-refused-1', first.id);
  await letter('page-refused-1').waitFor({ state: 'detached' });
  assert.deepEqual(desk.hook.taken('page-refused-2'), [], 'only the one that was asked for');
  await letter('page-refused-2').getByRole('button', { name: 'Drop …' }).click();
  const form = panel.getByRole('form', { name: `Drop ${second.id}` });
  await form.getByLabel('Reason, for the log').fill('told by telephone');
  await page.keyboard.press('Enter');
  await panel.getByText('There are none.').waitFor();
  const third = await desk.dead('page-refused-3');
  desk.hook.status = 200;
  await panel.getByRole('button', { name: 'Send all again' }).click();
  await desk.took('page-refused-3', third.id);
  assert.deepEqual(desk.hook.taken('page-refused-2'), [], 'what was dropped stays so');
}

/** An analyst sees all of it and is told who may act; the API says the same. */
async function offersToOthersNothing(house: House): Promise<void> {
  const { system } = house;
  const printed = await system.text('login', '--role', 'analyst');
  const { pathname, hash } = new URL(printed.trim());
  const tab = await Tab.open(house.browser, house.base);
  await tab.go(pathname + hash);
  await tab.page.waitForURL((url) => url.pathname === '/');
  await tab.go(`/connectors?connector=${NAME}`);
  const panel = tab.page.getByRole('region', { name: 'Connector', exact: true });
  await panel.getByText('You are signed in as analyst; this takes admin.').waitFor();
  await panel.getByRole('list', { name: 'Dead letters' }).waitFor();
  for (const name of ['Send a test alert', 'Pause …', 'Send again', 'Drop …', 'Send all again']) {
    assert.equal(await panel.getByRole('button', { name }).count(), 0, name);
  }
  tab.assertSound();
  await tab.close();
  const analyst = await makeToken(system.run, system.data, 'analyst');
  const path = `/v1/connectors/${NAME}/pause`;
  const { status } = await callApi(system.run, analyst, 'POST', path, { reason: 'x' });
  assert.equal(status, 403);
}
