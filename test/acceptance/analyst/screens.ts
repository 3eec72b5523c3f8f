/**
 * The screens that an analyst reads beside the timeline: each is reached by its link, shows what
 * the scenarios did, and stands in the address.
 */
import type { House } from '../faces/house.ts';
import type { Scene } from './scenarios.ts';

export async function showsWhatASessionDid(
  house: House,
  scenes: Map<string, Scene>,
): Promise<void> {
  const { session } = scenes.get('foreign-key')!;
  const tab = await house.tab(`/s/${session}`);
  const { page } = tab;
  const views = page.getByRole('navigation', { name: /Session|Views/ });
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
  const tab = await house.tab('/rules');
  const { page } = tab;
  await page
    .getByRole('link', { name: /EGR-001/ })
    .first()
    .click();
  await page.getByText('T1567').first().waitFor();
  tab.assertSound();
  await tab.close();
}

/** Of one session there is a run of quick accepts, of its twin there is none. */
export async function showsApprovals(house: House, scenes: Map<string, Scene>): Promise<void> {
  const tab = await house.tab('/approvals');
  await tab.page
    .getByText(/93\s*%/)
    .first()
    .waitFor();
  await tab.page
    .getByRole('link', { name: scenes.get('rubber-stamp')!.session })
    .first()
    .waitFor();
  tab.assertSound();
  await tab.close();
}
