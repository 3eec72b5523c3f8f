/**
 * From an alert to its cause to the evidence, in a browser: once by keyboard alone, once by mouse.
 * What is taken away verifies without the server, and does not once a byte of it is another.
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Download } from 'playwright-core';
import type { Tab } from '../faces/browser.ts';
import type { House } from '../faces/house.ts';
import { alertsAbout } from '../path/events.ts';
import type { System } from '../path/system.ts';
import type { Scene } from './scenarios.ts';

/** What a person does in well under a minute. */
const ACTS_MAX = 12;
const TAMPERED = 1;

/** Alert, acknowledged, its story, the row that caused it, the bundle: never a mouse. */
export async function goesByKeyboard(
  t: TestContext,
  house: House,
  scenes: Map<string, Scene>,
): Promise<void> {
  const { session } = scenes.get('no-delete')!;
  const [alert] = await alertsAbout(house.system, session);
  const tab = await house.tab(`/alerts?a=${alert!.index}`);
  const { page } = tab;
  let keys = 0;
  const press = async (key: string): Promise<void> => {
    keys += 1;
    await page.keyboard.press(key);
  };
  const opened = page.getByRole('region', { name: 'Alert', exact: true });
  await opened.getByRole('button', { name: 'Acknowledge' }).waitFor();
  const from = performance.now();
  await press('a');
  await page
    .getByRole('status')
    .getByText(/The log has it: leaf \d+/)
    .waitFor();
  await press('i');
  await page.waitForURL((url) => url.pathname === `/incidents/${session}`);
  await page.getByRole('list', { name: 'Steps' }).getByRole('link').first().waitFor();
  const download = page.waitForEvent('download');
  await press('e');
  await verifies(house.system, await download, 'by-keyboard');
  await press('j');
  await press('Enter');
  await page.waitForURL((url) => url.pathname === `/s/${session}` && url.searchParams.has('e'));
  await page.getByRole('complementary', { name: /^Event \d+$/ }).waitFor();
  assert.ok(keys <= ACTS_MAX, `${keys} keys`);
  t.diagnostic(`${keys} keys, ${secondsSince(from)} s`);
  tab.assertSound();
  await tab.close();
}

/** From the inbox, in clicks: the alert, its cause proven, its story, the bundle; then closed. */
export async function goesByMouse(
  t: TestContext,
  house: House,
  scenes: Map<string, Scene>,
): Promise<void> {
  const { session } = scenes.get('helpful-escape')!;
  const [alert] = await alertsAbout(house.system, session);
  const tab = await house.tab('/alerts');
  const { page } = tab;
  let clicks = 0;
  const click = async (target: { click(): Promise<void> }): Promise<void> => {
    clicks += 1;
    await target.click();
  };
  const alerts = page.getByRole('list', { name: 'Alerts', exact: true });
  const from = performance.now();
  await click(alerts.getByRole('link', { name: String(alert!.record.title) }).first());
  const opened = page.getByRole('region', { name: 'Alert', exact: true });
  await click(opened.getByRole('link', { name: /^Leaf \d+.*open and prove it$/ }).first());
  const proof = page.getByRole('region', { name: 'Proof' });
  await proof.getByRole('status').getByText('Proven in this browser').waitFor();
  await page.goBack();
  await click(opened.getByRole('link', { name: 'The whole story' }));
  await page.getByRole('list', { name: 'Steps' }).getByRole('link').first().waitFor();
  const download = page.waitForEvent('download');
  await click(page.getByRole('button', { name: 'Evidence' }));
  await verifies(house.system, await download, 'by-mouse');
  await page.goBack();
  await closes(tab, click);
  assert.ok(clicks <= ACTS_MAX, `${clicks} clicks`);
  t.diagnostic(`${clicks} clicks, ${secondsSince(from)} s`);
  tab.assertSound();
  await tab.close();
}

async function closes(
  { page }: Tab,
  click: (target: { click(): Promise<void> }) => Promise<void>,
): Promise<void> {
  const opened = page.getByRole('region', { name: 'Alert', exact: true });
  await click(opened.getByRole('button', { name: 'Close …' }));
  const form = page.getByRole('form', { name: 'Close the alert' });
  await click(form.getByRole('radio', { name: /True positive/i }));
  await click(form.getByRole('button', { name: 'Close', exact: true }));
  const said = page.getByRole('status').getByText(/The log has it: leaf \d+/);
  const leaf = /leaf (\d+)/.exec((await said.textContent())!)![1]!;
  const history = opened.getByRole('list', { name: 'History' });
  await history.getByRole('link', { name: `leaf ${leaf}` }).waitFor();
}

/** The file alone, against the trust file that the command line gave. */
async function verifies(system: System, download: Download, name: string): Promise<void> {
  const file = join(system.dir, `${name}.json`);
  await download.saveAs(file);
  const trust = join(system.dir, `${name}.trust`);
  writeFileSync(trust, await system.text('trust'));
  const honest = await system.cli('verify', file, '--trust', trust);
  assert.equal(honest.code, 0, honest.stdout + honest.stderr);
  const text = readFileSync(file, 'utf8');
  const changed = text.replace(/file\.(?=open|read|write|delete)/, 'file_');
  assert.notEqual(changed, text);
  writeFileSync(file, changed);
  assert.equal((await system.cli('verify', file, '--trust', trust)).code, TAMPERED);
}

function secondsSince(from: number): number {
  return Math.round((performance.now() - from) / 1_000);
}
