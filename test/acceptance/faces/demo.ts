/**
 * The demonstration: opens with a link that lets a person in, and leads from the alert to a
 * verified row in two clicks.
 */
import assert from 'node:assert/strict';
import { Tab } from './browser.ts';
import type { House } from './house.ts';

const CLICKS = 2;

export async function leadsToVerifiedRow(house: House): Promise<void> {
  const { code, stdout, stderr } = house.demo;
  assert.equal(code, 0, stderr);
  const link = /Watch it here: (\S+)/.exec(stdout)?.[1];
  const look = /look\s+(\S+\/alerts\?a=\d+)/.exec(stdout)?.[1];
  assert.ok(link !== undefined && look !== undefined, stdout);
  assert.ok(stdout.indexOf(link) < stdout.indexOf('the incident'), 'the link comes first');
  const base = new URL(link).origin;
  const tab = await Tab.open(house.browser, base);
  await tab.go(link);
  await tab.page.getByRole('heading', { name: 'Sessions', level: 1 }).waitFor();
  await tab.page.getByRole('navigation', { name: 'Main' }).getByText('Alerts').click();
  let clicks = 0;
  const click = async (name: RegExp): Promise<void> => {
    clicks += 1;
    await tab.page.getByRole('link', { name }).first().click();
  };
  await click(/^Foreign credential on an allowed provider host/);
  await click(/^Leaf \d+.*open and prove it$/);
  const proof = tab.page.getByRole('region', { name: 'Proof' });
  await proof.getByRole('status').getByText('Proven in this browser').waitFor();
  assert.equal(clicks, CLICKS);
  tab.assertSound();
  await tab.close();
}
