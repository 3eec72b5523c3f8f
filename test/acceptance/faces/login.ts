/**
 * Coming in and going out: a one-time link, a cookie that no script can read, and a server that
 * answers neither to other names nor to other pages.
 */
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { Tab } from './browser.ts';
import type { House } from './house.ts';

const SESSION_COOKIE = 'vitrine_session';

export async function letsInOnce(house: House): Promise<void> {
  const link = await house.link('/alerts');
  const first = await Tab.open(house.browser, house.base);
  await first.go(link);
  await first.page.getByRole('heading', { name: 'Alerts', level: 1 }).waitFor();
  assert.equal(new URL(first.page.url()).hash, '', 'the code is not left in the address');
  await assertCookie(first);
  const second = await Tab.open(house.browser, house.base);
  await second.go(link);
  await second.page.getByRole('alert').getByText('This link was already used').waitFor();
  await assertSignedOut(second);
  first.assertSound();
  await second.close();
  await first.close();
}

export async function letsNobodyInWithout(house: House): Promise<void> {
  const tab = await Tab.open(house.browser, house.base);
  await assertSignedOut(tab);
  await tab.go('/login#code=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA');
  await tab.page.getByRole('alert').getByText('This link is not valid').waitFor();
  const answer = await tab.page.request.get(new URL('/api/v1/sessions', house.base).href);
  assert.equal(answer.status(), 401);
  await tab.close();
}

export async function letsOut(house: House): Promise<void> {
  const tab = await house.tab('/');
  const [cookie] = await tab.page.context().cookies();
  await tab.page.getByRole('button', { name: 'Sign out' }).click();
  await tab.page.getByRole('heading', { name: 'Sign in to Vitrine' }).waitFor();
  await assertSignedOut(tab);
  // The token itself is worth nothing now, wherever it was copied to.
  await tab.page.context().addCookies([cookie!]);
  await assertSignedOut(tab);
  await tab.close();
}

/** A page of another site that has its name lead here, and a form on it. */
export async function answersNoOtherSite(house: House): Promise<void> {
  const port = new URL(house.base).port;
  const statuses = {
    own: await statusOf(house, 'GET', '/login', { host: `127.0.0.1:${port}` }),
    rebound: await statusOf(house, 'GET', '/login', { host: `evil.example:${port}` }),
    form: await statusOf(house, 'POST', '/login/end', {
      host: `127.0.0.1:${port}`,
      origin: 'http://evil.example',
    }),
  };
  assert.deepEqual(statuses, { own: 200, rebound: 421, form: 403 });
}

async function assertCookie(tab: Tab): Promise<void> {
  const cookies = await tab.page.context().cookies();
  const cookie = cookies.find(({ name }) => name === SESSION_COOKIE);
  assert.equal(cookie?.httpOnly, true);
  assert.equal(cookie.sameSite, 'Strict');
  const seen = await tab.page.evaluate<string>('document.cookie');
  assert.ok(!seen.includes(SESSION_COOKIE), 'a script can read the cookie');
}

async function assertSignedOut(tab: Tab): Promise<void> {
  await tab.go('/');
  await tab.page.getByRole('heading', { name: 'You are signed out' }).waitFor();
  await tab.page.getByText('npx --no vitrine login').first().waitFor();
}

function statusOf(
  { base }: House,
  method: string,
  path: string,
  headers: Record<string, string>,
): Promise<number> {
  return new Promise((resolve, reject) => {
    request(new URL(path, base), { method, headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });
}
