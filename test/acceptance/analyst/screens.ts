/**
 * The screens that an analyst reads beside the timeline: each is reached by its link, shows what
 * the scenarios did, and stands in the address.
 */
import assert from 'node:assert/strict';
import type { House } from '../faces/house.ts';
import type { Scene } from './scenarios.ts';

export async function showsWhatASessionDid(
  house: House,
  scenes: Map<string, Scene>,
): Promise<void> {
  const { session } = scenes.get('foreign-key')!;
  const tab = await house.tab(`/s/${session}`);
  const { page } = tab;
  const views = page.getByRole('navigation', { name: 'Views of the session' });
  const shows: [string, RegExp][] = [
    ['Processes', /agent\.mjs|node/],
    ['Files', /q3\.csv/],
    ['Egress', /api\.provider\.example/],
  ];
  for (const [name, what] of shows) {
    await views.getByRole('link', { name }).click();
    await page.waitForURL((url) => url.pathname === `/s/${session}/${name.toLowerCase()}`);
    await page.getByRole('main').getByText(what).first().waitFor();
  }
  tab.assertSound();
  await tab.close();
}

export async function showsRules(house: House): Promise<void> {
  const tab = await house.tab('/rules?rule=EGR-001');
  const { page } = tab;
  const rule = page.getByRole('region', { name: 'Rule', exact: true });
  for (const heading of ['What to do', 'What else it may be', 'What it needs', 'Tags']) {
    await rule.getByRole('heading', { name: heading }).waitFor();
  }
  await page.getByRole('searchbox', { name: 'Find rules' }).fill('no-such-rule');
  await page.getByRole('heading', { name: 'No rule matches' }).waitFor();
  tab.assertSound();
  await tab.close();
}

/** Of one session there is a run of quick accepts, of its twin there is none. */
export async function showsApprovals(house: House, scenes: Map<string, Scene>): Promise<void> {
  const shown = async (name: string, runs: number): Promise<void> => {
    const tab = await house.tab(`/s/${scenes.get(name)!.session}/approvals`);
    const region = tab.page.getByRole('region', { name: `Rubber-stamp runs: ${runs}` });
    await region.waitFor();
    assert.equal(await region.getByRole('link', { name: 'first accept' }).count(), runs);
    tab.assertSound();
    await tab.close();
  };
  await shown('rubber-stamp', 1);
  await shown('rubber-stamp.benign', 0);
}
