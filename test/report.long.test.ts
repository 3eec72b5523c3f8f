/**
 * The report of a verification in a real browser: clean for axe in the dark and the light, at rest,
 * and on paper.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { main } from '../apps/cli/src/main.ts';
import { memoryIo } from '../apps/cli/src/print/memory-io.ts';
import { openBrowser } from './acceptance/faces/browser.ts';

const GOLDEN = fileURLToPath(new URL('vectors/golden/', import.meta.url));
const NOW = '1764090000000000000';
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const AXE_TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const BUNDLES = ['session-closed', 'session-open-losses', 't-record', 't-bom'];
const LOOKS = [
  { colorScheme: 'dark' as const, viewport: { width: 900, height: 900 } },
  { colorScheme: 'light' as const, viewport: { width: 390, height: 844 } },
];
/** How many depends on the fonts of the machine. */
const SHEETS_MAX = 6;
/** A4 has 595 by 842 points, Letter 612 by 792. */
const PAPERS = { A4: /MediaBox ?\[0 0 59[45]\S* 84[12]/, Letter: /MediaBox ?\[0 0 612 792/ };
const ATTACK = '<img src="http://127.0.0.1:9/" onerror="document.title=1"><script>document.title=2';

test('the report is a page to read, to print, and to keep', async (t) => {
  const browser = await openBrowser(t);
  if (browser === undefined) return;
  const dir = mkdtempSync(join(tmpdir(), 'vitrine-paper-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const pages = await Promise.all(BUNDLES.map((name) => written(dir, `${GOLDEN}${name}`, name)));
  const edited = join(dir, 'edited');
  writeFileSync(`${edited}.vitrine.json`, attacked());
  pages.push(await written(dir, edited, 'edited-report'));
  for (const path of pages) {
    await t.test(path.slice(dir.length + 1), (one) => readable(one, browser, path));
  }
  await t.test('axe and the policy would have complained', () => wouldComplain(browser, pages[0]!));
});

/** A golden bundle with elements in the words of a record: they break its hash, and are shown. */
function attacked(): string {
  const text = readFileSync(join(GOLDEN, 'session-closed.vitrine.json'), 'utf8');
  const inRecord = JSON.stringify(JSON.stringify(ATTACK).slice(1, -1)).slice(1, -1);
  return text.replace('process.exec', inRecord).replace('personal data', inRecord);
}

async function written(dir: string, bundle: string, name: string): Promise<string> {
  const path = join(dir, `${name}.html`);
  const files = [`${bundle}.vitrine.json`, '--trust', join(GOLDEN, 'trust.txt')];
  await main(['verify', ...files, '--now', NOW, '--report', path], memoryIo());
  return path;
}

async function opened(browser: Browser, path: string, look: object): Promise<Page> {
  const context = await browser.newContext(look);
  const page = await context.newPage();
  await page.goto(pathToFileURL(path).href);
  return page;
}

async function readable(t: TestContext, browser: Browser, path: string): Promise<void> {
  for (const look of LOOKS) {
    const page = await opened(browser, path, look);
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.reload();
    assert.equal(asked.length, 1, asked.join());
    assert.match(await page.title(), / \(\d\): /);
    assert.equal(await page.locator('script, img, link, iframe, [style], [onerror]').count(), 0);
    const wide = await page.evaluate<number>('document.documentElement.scrollWidth');
    assert.ok(wide <= look.viewport.width, `${wide} px of ${look.viewport.width}`);
    assert.deepEqual(await findings(page), [], look.colorScheme);
    await page.context().close();
  }
  await onPaper(t, browser, path);
}

async function onPaper(t: TestContext, browser: Browser, path: string): Promise<void> {
  const page = await opened(browser, path, { colorScheme: 'dark' });
  await page.emulateMedia({ media: 'print' });
  const paper = await page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
  assert.equal(paper, 'rgb(255, 255, 255)');
  assert.ok(await page.getByText('Signature', { exact: true }).isVisible());
  for (const [format, box] of Object.entries(PAPERS)) {
    const pdf = (await page.pdf({ format, printBackground: true })).toString('latin1');
    const sheets = pdf.split('/Type /Page\n').length - 1;
    t.diagnostic(`${format}: ${sheets} sheets`);
    assert.match(pdf, box);
    assert.ok(sheets >= 2 && sheets <= SHEETS_MAX, `${sheets} sheets of ${format}`);
  }
  await page.context().close();
}

async function findings(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const options = JSON.stringify({ runOnly: AXE_TAGS });
  const { violations } = await page.evaluate<{ violations: { id: string; help: string }[] }>(
    `axe.run(document, ${options})`,
  );
  return violations.map(({ id, help }) => `${id}: ${help}`);
}

async function wouldComplain(browser: Browser, path: string): Promise<void> {
  const page = await opened(browser, path, {});
  await page.evaluate(`document.querySelector('html').removeAttribute('lang')`);
  assert.match((await findings(page)).join(), /html-has-lang/);
  const refused: string[] = [];
  page.on('console', (message) => refused.push(message.text()));
  await page.evaluate(`document.body.insertAdjacentHTML('beforeend', ${JSON.stringify(ATTACK)})`);
  await page.evaluate(`document.body.append(Object.assign(document.createElement('script'),
    { textContent: 'document.title = 3' }))`);
  await page.waitForTimeout(200);
  assert.match(await page.title(), / \(0\): /);
  assert.match(refused.join(), /Content Security Policy/);
  await page.context().close();
}
