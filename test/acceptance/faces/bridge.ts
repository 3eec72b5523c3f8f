/**
 * The bridge to the EDR: what an analyst sees as an opaque process on a host is answered with its
 * sessions. Another process is answered with nothing.
 */
import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import type { House } from './house.ts';
import { DEVICE } from './house.ts';

interface Session {
  session: string;
  pid: number | null;
  host: { name: string; process?: { pid: number; exe?: string } } | null;
  edr: { vendor: string; device_id: string } | null;
}

export async function answersWhatRuns(house: House): Promise<void> {
  const item = await sandboxed(house);
  assert.equal(item.host?.name, hostname());
  assert.equal(item.host.process?.pid, item.pid);
  assert.deepEqual(item.edr, DEVICE);
  const found = await asked(house, item.pid!);
  assert.ok(found.includes(item.session), `${item.session} is not among ${found}`);
  const { alert } = await alertAbout(house, item.session);
  assert.deepEqual(alert.host.edr, DEVICE);
  assert.equal(alert.host.process.pid, item.pid);
  const tab = await house.tab('/');
  // What is typed before the page has woken up is the browser's, not the page's.
  await tab.page.getByRole('table', { name: 'Sessions' }).getByRole('link').first().waitFor();
  const box = tab.page.getByRole('searchbox', { name: 'Host and pid, device id' });
  for (const pasted of [`${hostname()}:${item.pid}`, DEVICE.device_id]) {
    await box.fill(pasted);
    await box.press('Enter');
    await tab.page.getByRole('heading', { name: 'Search', level: 1 }).waitFor();
    await tab.page.getByRole('link', { name: item.session }).first().waitFor();
  }
  tab.assertSound();
  await tab.close();
}

/** The cause broken: a process that runs no sandbox. */
export async function answersNothingElse(house: House): Promise<void> {
  const { pid } = process;
  assert.deepEqual(await asked(house, pid), []);
  const tab = await house.tab('/');
  // What is typed before the page has woken up is the browser's, not the page's.
  await tab.page.getByRole('table', { name: 'Sessions' }).getByRole('link').first().waitFor();
  const box = tab.page.getByRole('searchbox', { name: 'Host and pid, device id' });
  await box.fill(`${hostname()}:${pid}`);
  await box.press('Enter');
  await tab.page.getByRole('heading', { name: 'Nothing matches' }).waitFor();
  await tab.close();
}

/** The demonstration's incident: the one that has an alert. */
async function sandboxed(house: House): Promise<Session> {
  const { items } = await house.json<{ items: Session[] }>('/v1/sessions');
  const item = items.find(({ session }) => /^foreign-key-[0-9a-f]+$/.test(session));
  assert.ok(item !== undefined, 'the demonstration has left no session');
  return item;
}

async function asked(house: House, pid: number): Promise<string[]> {
  const path = `/v1/sessions?host=${encodeURIComponent(hostname())}&pid=${pid}`;
  const { items } = await house.json<{ items: Session[] }>(path);
  return items.map(({ session }) => session);
}

interface AlertRecord {
  host: { process: { pid: number }; edr: unknown };
}

async function alertAbout(house: House, session: string): Promise<{ alert: AlertRecord }> {
  const path = `/v1/alerts?session=${session}`;
  const { items } = await house.json<{ items: { record: AlertRecord }[] }>(path);
  return { alert: items[0]!.record };
}
