/**
 * The timeline of a session: live, with loss and silence as rows of their own and routine reads
 * folded; what is looked for stands in the address.
 */
import assert from 'node:assert/strict';
import type { Locator } from 'playwright-core';
import { until } from '../path/until.ts';
import type { Tab } from './browser.ts';
import type { House } from './house.ts';
import { type Pushed, push } from './push.ts';

const SHOWN_MS_MAX = 15_000;
const MINUTE_MS = 60_000;
const LIBRARIES = 5;

/** The badge of a row, if it says `state`. */
export function stateOf(row: Locator, state: string): Locator {
  return row.getByRole('gridcell').last().getByText(state);
}

/** Rows of the timeline whose text has `text`. */
export function rowsWith({ page }: Tab, text: string | RegExp): Locator {
  return page.getByRole('grid').getByRole('row').filter({ hasText: text });
}

export async function isLive(house: House): Promise<void> {
  await push(house.system, 'live', [write('/live/first')]);
  await push(house.system, 'elsewhere', [write('/elsewhere/first')]);
  const tab = await house.tab('/s/live');
  await rowsWith(tab, '/live/first').waitFor();
  await tab.page.getByRole('status', { name: 'Live connection' }).getByText('Live').waitFor();
  const asked = tab.requested.length;
  // What another session does is nothing to this page.
  await push(house.system, 'elsewhere', [write('/elsewhere/second')]);
  await push(house.system, 'live', [write('/live/second')]);
  await rowsWith(tab, '/live/second').waitFor();
  assert.equal(await rowsWith(tab, '/elsewhere/').count(), 0);
  const pages = tab.requested.slice(asked).filter((path) => path.includes('/events?'));
  assert.deepEqual(pages, [], 'it came by the live connection, not by asking again');
  tab.assertSound();
  await tab.close();
}

/** Reads of libraries are one row that opens; one that was denied is none of them. */
export async function foldsRoutine(house: House): Promise<void> {
  const reads = Array.from({ length: LIBRARIES }, (_, i) => read(library(i)));
  const denied = read('/usr/lib/x86_64-linux-gnu/libdenied.so.6', { 'file.errno': 'EACCES' });
  await push(house.system, 'routine', [write('/made/a'), ...reads, denied, write('/made/b')]);
  const tab = await house.tab('/s/routine');
  const fold = rowsWith(tab, `${LIBRARIES} routine reads: loader`);
  await fold.waitFor();
  assert.equal(await rowsWith(tab, library(0)).count(), 0);
  await rowsWith(tab, 'libdenied.so.6').waitFor();
  await fold.click();
  for (let i = 0; i < LIBRARIES; i++) await rowsWith(tab, library(i)).waitFor();
  tab.assertSound();
  await tab.close();
}

export async function showsLossAndSilence(house: House): Promise<void> {
  const at = Date.now() - 10 * MINUTE_MS;
  await push(house.system, 'silent', [
    { ...write('/before'), at },
    { ...write('/soon'), at: at + 30_000 },
    { ...write('/after'), at: at + 30_000 + 250_000 },
    {
      kind: 'telemetry.gap',
      at: at + 290_000,
      members: { from: 4_812, to: 4_830, reason: 'shim_sequence', 'source.of': 'strace' },
    },
  ]);
  const tab = await house.tab('/s/silent');
  await rowsWith(tab, 'silence 4 m 10 s').waitFor();
  assert.equal(await rowsWith(tab, /^.*silence/).count(), 1, 'half a minute is no silence');
  const gap = rowsWith(tab, /19 events lost/);
  await stateOf(gap, 'gap').waitFor();
  tab.assertSound();
  await tab.close();
}

/** The address is the state: a reload, or another reader, sees the same. */
export async function keepsFilters(house: House): Promise<void> {
  await push(house.system, 'filtered', [
    write('/filtered/one'),
    write('/filtered/two'),
    read('/filtered/one'),
    { kind: 'tool.call', members: { 'tool.name': 'ls' } },
  ]);
  const tab = await house.tab('/s/filtered');
  const { page } = tab;
  await rowsWith(tab, '/filtered/two').waitFor();
  await page.getByRole('button', { name: 'Kind' }).click();
  await page.getByRole('checkbox', { name: 'file.write' }).check();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'agent', pressed: false }).click();
  await page.getByRole('combobox', { name: 'Filter by text' }).fill('one');
  await page.waitForURL(/kind=file\.write.*q=one|q=one.*kind=file\.write/);
  assert.equal(new URL(page.url()).searchParams.get('vantage'), 'agent');
  await assertOnly(tab);
  await page.reload();
  await assertOnly(tab);
  const other = await tab.another();
  await other.page.goto(page.url());
  await assertOnly(other);
  await page.getByRole('button', { name: 'Clear all' }).click();
  await rowsWith(tab, '/filtered/two').waitFor();
  assert.equal(new URL(page.url()).search, '');
  tab.assertSound();
  await tab.close();
}

async function assertOnly(tab: Tab): Promise<void> {
  await rowsWith(tab, 'file.write').filter({ hasText: '/filtered/one' }).waitFor();
  await until('nothing else is shown', SHOWN_MS_MAX, async () => {
    const rows = await tab.page.getByRole('grid').getByRole('row').count();
    return rows === 2 ? true : undefined; // The head, and the one that matches.
  });
}

export function write(path: string): Pushed {
  return { kind: 'file.write', members: { 'file.path': path } };
}

function read(path: string, more: Record<string, string> = {}): Pushed {
  return { kind: 'file.read', members: { 'file.path': path, ...more } };
}

function library(i: number): string {
  return `/usr/lib/x86_64-linux-gnu/lib${i}.so.6`;
}
