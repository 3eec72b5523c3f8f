/**
 * The query in the browser, by keyboard and by mouse: completed, refused with its fault, picked
 * from a value, brushed in time, played, and marked. All of it stands in the address.
 */
import assert from 'node:assert/strict';
import type { Locator } from 'playwright-core';
import type { Tab } from '../faces/browser.ts';
import type { House } from '../faces/house.ts';
import { type Pushed, push } from '../faces/push.ts';
import { rowsWith, write } from '../faces/timeline.ts';
import { until } from '../path/until.ts';

const WAIT_MS = 15_000;
const MINUTE_MS = 60_000;

function box({ page }: Tab): Locator {
  return page.getByRole('combobox', { name: 'Filter by text' });
}

function param({ page }: Tab, name: string): string | null {
  return new URL(page.url()).searchParams.get(name);
}

async function shows(tab: Tab, texts: string[], hidden: string[]): Promise<void> {
  await until(`${texts} and not ${hidden}`, WAIT_MS, async () => {
    const counts = await Promise.all(
      [...texts, ...hidden].map((text) => rowsWith(tab, text).count()),
    );
    const shown = counts.slice(0, texts.length).every((count) => count > 0);
    return shown && counts.slice(texts.length).every((count) => count === 0) ? true : undefined;
  });
}

export async function takesQueries(house: House): Promise<void> {
  await push(house.system, 'queried', [
    write('/asked/one'),
    write('/asked/two'),
    { kind: 'file.read', members: { 'file.path': '/asked/one', 'file.bytes': 5_000 } },
  ]);
  const tab = await house.tab('/s/queried');
  const { page } = tab;
  await rowsWith(tab, '/asked/two').waitFor();
  // Names, then values, by keyboard alone.
  await page.keyboard.press('/');
  await page.keyboard.type('kin');
  await page.getByRole('option', { name: /^kind/ }).waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  assert.equal(await box(tab).inputValue(), 'kind:');
  await page.keyboard.type('file.w');
  await page.getByRole('option', { name: /file\.write/ }).waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  assert.equal((await box(tab).inputValue()).trim(), 'kind:file.write');
  // The caret follows the completion a moment later.
  await page.keyboard.press('End');
  await page.keyboard.type('-path:*two', { delay: 20 });
  await page.keyboard.press('Escape');
  await page.keyboard.press('Enter');
  await page.waitForURL((url) => url.searchParams.get('q') === 'kind:file.write -path:*two');
  await shows(tab, ['/asked/one'], ['/asked/two', 'file.read']);
  // A fault is said under the box, with what to do; nothing is asked.
  const asked = tab.requested.length;
  await box(tab).fill('hots:x');
  await page.getByText('did you mean host?').waitFor();
  assert.equal(await box(tab).getAttribute('aria-invalid'), 'true');
  assert.equal(param(tab, 'q'), 'kind:file.write -path:*two');
  assert.deepEqual(
    tab.requested.slice(asked).filter((path) => path.includes('hots')),
    [],
  );
  await box(tab).fill('bytes>=1000');
  await shows(tab, ['file.read'], ['/asked/two']);
  await picksValues(tab);
  tab.assertSound();
  await tab.close();
}

/** A value of the event beside the list is added to the query, or shut out. */
async function picksValues(tab: Tab): Promise<void> {
  const { page } = tab;
  await rowsWith(tab, 'file.read').click();
  await page.getByRole('button', { name: 'No events with kind file.read' }).click();
  await page.waitForURL((url) => url.searchParams.get('q') === 'bytes>=1000 -kind:file.read');
  await page.getByText('No event matches the filter').waitFor();
  await page.getByRole('button', { name: 'Only events with kind file.read' }).click();
  await page.waitForURL((url) => url.searchParams.get('q') === 'bytes>=1000 kind:file.read');
  await shows(tab, ['file.read'], ['/asked/two']);
}

function minutes(count: number): Pushed[] {
  const start = Date.now() - count * MINUTE_MS;
  return Array.from({ length: count }, (_, i) => {
    return { ...write(`/minute/${i}.`), at: start + i * MINUTE_MS };
  });
}

export async function choosesTimes(house: House): Promise<void> {
  await push(house.system, 'timed', minutes(60));
  const tab = await house.tab('/s/timed');
  const { page } = tab;
  await rowsWith(tab, '/minute/59.').waitFor();
  const strip = page.getByRole('region', { name: 'Events over time' });
  const start = strip.getByRole('slider', { name: 'Start of the time' });
  // By keyboard, in steps of a tenth: the end of the hour.
  await start.focus();
  for (let i = 0; i < 9; i++) await page.keyboard.press('PageUp');
  await page.waitForURL((url) => url.searchParams.get('from') !== null);
  await shows(tab, ['/minute/59.'], ['/minute/50.']);
  await page.reload();
  await shows(tab, ['/minute/59.'], ['/minute/50.']);
  await start.focus();
  await page.keyboard.press('Escape');
  await page.waitForURL((url) => url.search === '');
  await shows(tab, ['/minute/59.', '/minute/50.'], []);
  // By mouse: the first quarter.
  const bars = strip.getByRole('img');
  const { x, y, width, height } = (await bars.boundingBox())!;
  await page.mouse.move(x + 1, y + height / 2);
  await page.mouse.down();
  await page.mouse.move(x + width / 4, y + height / 2, { steps: 5 });
  await page.mouse.up();
  await shows(tab, ['/minute/12.'], ['/minute/50.', '/minute/59.']);
  await strip.getByRole('button', { name: 'Clear the time' }).click();
  await page.waitForURL((url) => url.search === '');
  tab.assertSound();
  await tab.close();
}

/** Keeps which rows have been the one that keys act on. */
const WATCH_CURSOR = `
  window.passed = [];
  new MutationObserver(() => {
    const row = document.querySelector('[role="row"][tabindex="0"]')?.textContent ?? '';
    if (window.passed.at(-1) !== row) window.passed.push(row);
  }).observe(document.querySelector('[role="grid"]'), {
    subtree: true, childList: true, attributes: true, attributeFilter: ['tabindex'],
  });
`;

/** Minutes of silence are played in seconds, in recorded order, by keyboard; then marked. */
export async function playsAndMarks(house: House): Promise<void> {
  await push(house.system, 'played', minutes(5));
  const tab = await house.tab('/s/played');
  const { page } = tab;
  await rowsWith(tab, '/minute/4.').waitFor();
  const replay = page.getByRole('group', { name: 'Replay' });
  const play = replay.getByRole('button', { name: 'Replay the session' });
  await replay.getByRole('button', { name: '10× as fast' }).click();
  await play.focus();
  await page.evaluate(WATCH_CURSOR);
  await page.keyboard.press('Enter');
  await replay.getByRole('button', { name: 'Pause the replay' }).waitFor();
  await play.waitFor({ timeout: WAIT_MS });
  const passed = await page.evaluate<string[]>('window.passed');
  const minute = (row: string): string[] => /\/minute\/(\d)\./.exec(row)?.slice(1) ?? [];
  assert.deepEqual(passed.flatMap(minute), ['0', '1', '2', '3', '4'], passed.join('; '));
  await rowsWith(tab, '/minute/4.').click();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Shift+ArrowUp');
  await page.keyboard.press('Shift+ArrowUp');
  await page.waitForURL((url) => /^\d+\.\.\d+$/.test(url.searchParams.get('range') ?? ''));
  const other = await tab.another();
  await other.page.goto(page.url());
  await other.page.getByRole('region', { name: 'Marked events' }).waitFor();
  const marked = other.page.getByRole('row', { selected: true });
  await until('the rows are marked', WAIT_MS, async () =>
    (await marked.count()) >= 2 ? true : undefined,
  );
  await other.page.getByRole('button', { name: 'Only these' }).click();
  await other.page.waitForURL((url) => /^index:\d+/.test(url.searchParams.get('q') ?? ''));
  await other.page.getByRole('button', { name: 'Clear the marks' }).click();
  await other.page.waitForURL((url) => url.searchParams.get('range') === null);
  tab.assertSound();
  await tab.close();
}

export async function searchesAll(house: House): Promise<void> {
  await push(house.system, 'sought', [write('/sought/needle')]);
  const tab = await house.tab('/search?q=path:*needle');
  const { page } = tab;
  await page.getByRole('link', { name: /\/sought\/needle/ }).waitFor();
  const query = page.getByRole('combobox', { name: 'Query for events' });
  await query.fill('path:*needle kind:file.read');
  await query.press('Enter');
  await page.getByText('No event is found by it as a query.').waitFor();
  await query.fill('hots:x');
  await query.press('Enter');
  await page.getByText('did you mean host?').waitFor();
  tab.assertSound();
  await tab.close();
}
