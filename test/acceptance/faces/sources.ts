/**
 * The page of sources, as a person has it: who is missing, what that leaves unseen, by mouse, keys
 * and address; on a telephone; when nothing is open and when the answer fails.
 */
import assert from 'node:assert/strict';
import { adminToken, callApi } from '../path/api.ts';
import { alterJson } from './api-proxy.ts';
import type { Tab } from './browser.ts';
import type { House } from './house.ts';

const SESSION = 'guest-of-sources';
const NARROW = { width: 360, height: 780 };
const RETRY_MS_MAX = 3_000;

/** A sandbox that its runtime told of, with a relay that nobody will ever hear. */
async function announce({ system }: House): Promise<void> {
  const description = {
    runtime: 'vm',
    host: { name: 'build-7' },
    expected: ['boundary/egress', 'claude-code'],
    absent: [{ source: 'gvisor', reason: 'it is a virtual machine' }],
  };
  const socket = `${system.dir}/nobody.sock`;
  const relay = { socket, standing: 'guest', mac_key: '00'.repeat(32) };
  const body = { session: SESSION, description, relay };
  const { run, data } = system;
  const { status, text } = await callApi(run, adminToken(data), 'POST', '/v1/sandboxes', body);
  assert.ok(status === 201 || text.includes('SESSION_EXISTS'), text);
}

export async function namesMissingSources(house: House): Promise<void> {
  await announce(house);
  const tab = await house.tab('/');
  await tab.page.getByRole('link', { name: 'Sources', exact: true }).click();
  await tab.page.waitForURL((url) => url.pathname === '/sources');
  const table = tab.page.getByRole('table', { name: 'Sources' });
  await table.getByRole('link', { name: SESSION }).waitFor();
  await tab.go(`/sources?session=${SESSION}`);
  await table.getByRole('row', { name: /never heard egress boundary/ }).waitFor();
  await table.getByRole('row', { name: /never heard claude-code/ }).waitFor();
  await table.getByRole('row', { name: /not available gvisor .*virtual machine/ }).waitFor();
  // What the answer does not have, the page does not show.
  house.wire.alter = alterJson(/\/sources$/, (value: { sources: { name: string }[] }) => ({
    ...value,
    sources: value.sources.filter(({ name }) => name !== 'egress'),
  }));
  await tab.page.reload();
  await table.getByRole('row', { name: /claude-code/ }).waitFor();
  assert.equal(await table.getByRole('row', { name: /egress/ }).count(), 0);
  house.wire.restore();
  tab.assertSound();
  await tab.close();
}

export async function narrowsByKeys(house: House): Promise<void> {
  await announce(house);
  const tab = await house.tab(`/sources?session=${SESSION}`);
  const table = tab.page.getByRole('table', { name: 'Sources' });
  await table.getByRole('row', { name: /gvisor/ }).waitFor();
  const never = tab.page.getByRole('button', { name: 'never heard' });
  await never.focus();
  await tab.page.keyboard.press('Enter');
  await tab.page.waitForURL((url) => url.searchParams.get('state') === 'never');
  await table.getByRole('row', { name: /gvisor/ }).waitFor({ state: 'detached' });
  assert.equal(await never.getAttribute('aria-pressed'), 'true');
  await tab.page.reload();
  await table.getByRole('row', { name: /egress/ }).waitFor();
  assert.equal(await table.getByRole('row', { name: /gvisor/ }).count(), 0, 'the address has it');
  await tab.go(`/sources?session=${SESSION}&state=healthy`);
  await tab.page.getByRole('heading', { name: 'No source matches' }).waitFor();
  await tab.page.getByRole('button', { name: 'Show all sources' }).click();
  await table.getByRole('row', { name: /gvisor/ }).waitFor();
  tab.assertSound();
  await tab.close();
}

export async function showsWhatCannotBeSeen(house: House): Promise<void> {
  await announce(house);
  const tab = await house.tab(`/sources?session=${SESSION}`);
  const matrix = tab.page.getByRole('table', { name: 'Coverage: risks by components' });
  await matrix.waitFor();
  assert.equal(await matrix.getByRole('button').count(), 9);
  const cell = matrix.getByRole('button', { name: 'External attacker, Environment: blind' });
  await cell.focus();
  await tab.page.keyboard.press('Enter');
  await tab.page.waitForURL(
    (url) => url.searchParams.get('cell') === 'external_attacker.environment',
  );
  const needs = tab.page.getByRole('region', { name: /External attacker, Environment/ });
  await needs.getByText('programs that start').waitFor();
  await needs.getByText('seen by nobody').first().waitFor();
  await tab.page.goBack();
  await needs.waitFor({ state: 'detached' });
  tab.assertSound();
  await tab.close();
}

export async function saysSoWithoutSources(house: House): Promise<void> {
  const tab = await house.tab('/alerts');
  house.wire.alter = alterJson(/^\/v1\/sources/, () => ({ items: [], cursor: null, size: 0 }));
  await tab.go('/sources');
  await tab.page.getByRole('heading', { name: 'No session is open' }).waitFor();
  house.wire.restore();
  const said = { code: 'STORE_AWAY', message: 'the store is away', hint: 'look at its log' };
  house.wire.alter = () => ({ status: 400, body: Buffer.from(JSON.stringify(said)) });
  await tab.go('/sources');
  const alert = tab.page.getByRole('alert').filter({ hasText: 'STORE_AWAY' });
  await alert.getByText('The sources could not be loaded').waitFor();
  house.wire.restore();
  await alert
    .getByRole('button', { name: 'Try again' })
    .click({ timeout: RETRY_MS_MAX })
    .catch(() => {});
  await alert.waitFor({ state: 'detached' });
  tab.assertSound();
  await tab.close();
}

export async function fitsATelephone(house: House): Promise<void> {
  await announce(house);
  for (const colorScheme of ['dark', 'light'] as const) {
    const tab = await house.tab(`/sources?session=${SESSION}`, { ...NARROW, colorScheme });
    const list = tab.page.getByRole('list', { name: 'Sources' });
    await list.getByText('egress', { exact: true }).waitFor();
    assert.ok((await widthOf(tab)) <= NARROW.width, 'it sticks out at the side');
    await tab.close();
  }
}

function widthOf({ page }: Tab): Promise<number> {
  return page.evaluate<number>('document.documentElement.scrollWidth');
}
