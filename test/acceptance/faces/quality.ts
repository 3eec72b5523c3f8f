/**
 * What holds on every page: clean for axe, steady under the eyes, small before scrolling, and
 * smooth over 100,000 rows. Each instrument is shown a fault once, and finds it.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Tab } from './browser.ts';
import type { House } from './house.ts';
import { computedMs, forgetTasks, observe, observed } from './measure.ts';
import { type Pushed, push } from './push.ts';
import { rowsWith, write } from './timeline.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const AXE_TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
/** Looked at in one set of colours: what they are made of is on other pages as well. */
const ONCE = [
  /tab=(fields|record|parts|process|vantage)$/,
  /\/(agents|processes|files|egress|approvals)$/,
  /^\/(incidents|rules|sources|search)\b/,
];
const NARROW = { width: 390, height: 844 };
const SHIFT_MAX = 0.02;
const BYTES_MAX = 250_000;
const ROWS = 100_000;
const LARGE = 'large';
/** Time for what is fetched after the page is there. */
const SETTLE_MS = 1_000;
/** 150 rows for each turn of the wheel, over four screens: harder than any hand does it. */
const WHEEL_PX = 4_500;
const WHEEL_REST_MS = 50;
const WHEEL_TURNS_MAX = 1_500;
const TASK_MS_MAX = 50;
/** By the clock, of which a machine with other work gives a part: an eighth is enough. */
const BUSY_MS = 1_000;

/** Every page in the dark, where it is also watched for what moves; then the light, narrow one. */
export async function isCleanAndSteady(house: House, paths: string[]): Promise<void> {
  const dark = await house.tab('/', { colorScheme: 'dark' });
  await observe(dark.page);
  for (const path of paths) {
    await visit(dark, path);
    const { shift } = await observed(dark.page);
    assert.ok(shift <= SHIFT_MAX, `${path} moves by ${shift}`);
    assert.deepEqual(await findings(dark), [], `${path} dark`);
  }
  await dark.page.evaluate(`document.querySelector('main').style.paddingTop = '300px'`);
  await sleep(SETTLE_MS);
  assert.ok((await observed(dark.page)).shift > SHIFT_MAX, 'the instrument sees nothing');
  await dark.close();
  const light = await house.tab('/', { colorScheme: 'light', ...NARROW });
  for (const path of paths.filter((path) => !ONCE.some((once) => once.test(path)))) {
    await visit(light, path);
    assert.deepEqual(await findings(light), [], `${path} light`);
  }
  await light.close();
  await isCleanSignedOut(house);
}

async function isCleanSignedOut(house: House): Promise<void> {
  const tab = await house.tab('/');
  await tab.page.context().clearCookies();
  for (const path of ['/login', '/']) {
    await visit(tab, path);
    assert.deepEqual(await findings(tab), [], `${path} signed out`);
  }
  // The instrument: an image without a name, a text that nobody can read.
  await tab.page.evaluate(`document.querySelector('main').insertAdjacentHTML('beforeend',
    '<img src="data:," /><p style="color: #777; background: #888">faint</p>')`);
  const found = await findings(tab);
  for (const id of ['image-alt', 'color-contrast']) {
    assert.ok(
      found.some((text) => text.startsWith(id)),
      found.join(),
    );
  }
  await tab.close();
}

/** A session of 100,000 events: what comes before anybody scrolls, and how scrolling goes. */
export async function isSmooth(t: TestContext, house: House): Promise<void> {
  await push(
    house.system,
    LARGE,
    Array.from({ length: ROWS }, (_, i) => event(i)),
  );
  const tab = await house.tab('/');
  await observe(tab.page);
  const before = tab.apiBytes;
  await visit(tab, `/s/${LARGE}`);
  await rowsWith(tab, /\/large\/folder-/)
    .first()
    .waitFor();
  await sleep(SETTLE_MS);
  const bytes = tab.apiBytes - before;
  t.diagnostic(`${bytes} bytes of data before scrolling`);
  assert.ok(bytes > 10_000 && bytes <= BYTES_MAX, `${bytes} bytes before scrolling`);
  await assertSmooth(t, house, tab);
  const busy = await computedMs(house.browser, tab.page, async () => {
    await tab.page.evaluate(`new Promise((resolve) => setTimeout(() => {
      for (const end = Date.now() + ${BUSY_MS}; Date.now() < end; );
      resolve();
    }, 0))`);
    await sleep(SETTLE_MS);
  });
  assert.ok(busy[0]! > TASK_MS_MAX, 'the instrument sees nothing');
  tab.assertSound();
  await tab.close();
}

/** From the newest row of the session to its first, by the wheel. */
async function assertSmooth(t: TestContext, house: House, tab: Tab): Promise<void> {
  const { page } = tab;
  await forgetTasks(page);
  const first = rowsWith(tab, /\/large\/folder-0\/file-0(?!\d)/);
  assert.equal(await first.count(), 0);
  let turns = 0;
  const tasksMs = await computedMs(house.browser, page, async () => {
    await page.getByRole('grid').hover();
    while (turns < WHEEL_TURNS_MAX && (await first.count()) === 0) {
      for (const last = turns + 20; turns < last; turns++) {
        await page.mouse.wheel(0, -WHEEL_PX);
        await sleep(WHEEL_REST_MS);
      }
    }
  });
  await first.waitFor();
  const byWall = (await observed(page)).tasksMs.map(Math.round);
  t.diagnostic(`${ROWS} rows in ${turns} turns: the longest task computed ${tasksMs[0]} ms`);
  t.diagnostic(`longer than ${TASK_MS_MAX} ms by the wall's clock: ${byWall.join(', ') || 'none'}`);
  assert.ok(tasksMs[0]! <= TASK_MS_MAX, `a task of ${tasksMs[0]} ms while scrolling`);
}

function event(i: number): Pushed {
  return write(`/large/folder-${i % 97}/file-${i}`);
}

async function visit({ page, base }: Tab, path: string): Promise<void> {
  await page.goto(new URL(path, base).href);
  await page.getByRole('main').waitFor();
  await sleep(SETTLE_MS);
}

interface Violation {
  id: string;
  nodes: { html: string }[];
}

async function findings({ page }: Tab): Promise<string[]> {
  await page.evaluate(AXE);
  const options = { runOnly: { type: 'tag', values: AXE_TAGS } };
  const { violations } = await page.evaluate<{ violations: Violation[] }>(
    `axe.run(document, ${JSON.stringify(options)})`,
  );
  return violations.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(({ html }) => html)}`);
}
