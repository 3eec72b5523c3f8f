/**
 * From the EDR and back: what it sees as one opaque process has a session, and an alert knows the
 * host that the EDR shows. A process that runs nothing, or another time, has none.
 */
import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import type { House } from '../faces/house.ts';
import { DEVICE } from '../faces/house.ts';
import { alertsAbout } from '../path/events.ts';
import type { System } from '../path/system.ts';
import type { Scene } from './scenarios.ts';

/** Where the EDR shows a host, as the settings say it. */
export const EDR_LINK = 'https://edr.example/hosts/';
export const EDR_SETTINGS = `links: {edr: "${EDR_LINK}{device_id}"}\n`;

interface Session {
  session: string;
  pid: number;
  started?: string;
}

export async function leadsFromTheEdr(house: House, scenes: Map<string, Scene>): Promise<void> {
  const { system } = house;
  const { session } = scenes.get('foreign-key')!;
  const { pid } = await house.json<Session>(`/v1/sessions/${session}`);
  const ofProcess = (...more: string[]) =>
    sessions(system, '--host', hostname(), '--pid', String(pid), ...more);
  assert.ok((await ofProcess()).includes(session));
  assert.deepEqual(await ofProcess('--at', '2020-01-01T00:00:00Z'), []);
  assert.deepEqual(await sessions(system, '--host', hostname(), '--pid', `${process.pid}`), []);
  assert.ok((await sessions(system, '--edr-device', DEVICE.device_id)).includes(session));
  assert.deepEqual(await sessions(system, '--edr-device', 'device-0043'), []);
}

export async function leadsToTheEdr(house: House, scenes: Map<string, Scene>): Promise<void> {
  const { session } = scenes.get('foreign-key')!;
  const [alert] = await alertsAbout(house.system, session);
  const { host } = alert!.record as { host: { name: string; edr: unknown } };
  assert.equal(host.name, hostname());
  assert.deepEqual(host.edr, DEVICE);
  const { edr_link: link } = alert as unknown as { edr_link: string };
  assert.equal(link, EDR_LINK + DEVICE.device_id);
  const tab = await house.tab(`/alerts?a=${alert!.index}`);
  const shown = tab.page.getByRole('link', { name: 'Open in its console' }).first();
  assert.equal(await shown.getAttribute('href'), link);
  tab.assertSound();
  await tab.close();
}

async function sessions(system: System, ...options: string[]): Promise<string[]> {
  const items = await system.json<Session[]>('sessions', ...options, '--limit', '1000');
  return items.map(({ session }) => session);
}
