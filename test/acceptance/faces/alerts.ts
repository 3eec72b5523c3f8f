/**
 * Sessions and alerts as lists: what is new appears by itself, and an alert stands on records that
 * are read anew. A record that is another one now is called broken there.
 */
import assert from 'node:assert/strict';
import { alterJson } from './api-proxy.ts';
import type { Tab } from './browser.ts';
import type { House } from './house.ts';
import { push } from './push.ts';
import { write } from './timeline.ts';

const EVENT = /^\/v1\/events\/[^/]+\/\d+$/;
const LISTED_MS_MAX = 20_000;

export async function listsSessions(house: House): Promise<void> {
  const tab = await house.tab('/');
  const table = tab.page.getByRole('table', { name: 'Sessions' });
  await table.getByRole('link', { name: /^foreign-key-[0-9a-f]+$/ }).waitFor();
  assert.equal(await table.getByRole('link', { name: 'listed' }).count(), 0);
  await push(house.system, 'listed', [write('/listed/one')]);
  const link = table.getByRole('link', { name: 'listed' });
  await link.waitFor({ timeout: LISTED_MS_MAX });
  await link.click();
  await tab.page.getByRole('grid').getByText('/listed/one').waitFor();
  tab.assertSound();
  await tab.close();
}

export async function standsOnEvidence(house: House): Promise<void> {
  const [alert] = (await house.json<{ items: { index: number }[] }>('/v1/alerts')).items;
  const path = `/alerts?a=${alert!.index}`;
  const tab = await house.tab(path);
  const evidence = evidenceIn(tab);
  await evidence.getByText('sealed').waitFor();
  await evidence.getByText(/POST api\.provider\.example \/v1\/files → 200/).waitFor();
  // The alert names the leaf: another record there is not what it was made of.
  house.wire.alter = alterJson(EVENT, (item: { leaf: string }) => ({
    ...item,
    leaf: `${item.leaf.startsWith('A') ? 'B' : 'A'}${item.leaf.slice(1)}`,
  }));
  await tab.page.reload();
  await evidence.getByText('broken').waitFor();
  await evidence.getByText(/has another leaf hash than the one the alert was made of/).waitFor();
  house.wire.restore();
  await tab.page.reload();
  await evidence.getByText('sealed').waitFor();
  tab.assertSound();
  await tab.close();
}

function evidenceIn({ page }: Tab) {
  return page
    .getByRole('region', { name: 'Alert' })
    .getByRole('region', { name: /^Evidence/ })
    .getByRole('listitem')
    .first();
}
