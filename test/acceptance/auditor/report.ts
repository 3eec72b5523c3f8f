/**
 * `verify --report`: one page for an auditor's papers, of what is proven and of what is refused.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { openBrowser } from '../faces/browser.ts';
import { type Case, SESSION } from './case.ts';

const BUNDLE = 'session.vitrine.json';

export async function writesThePage(t: TestContext, audit: Case): Promise<void> {
  await audit.assertCode(0, BUNDLE, '--report', 'proven.html');
  const proven = audit.text('proven.html');
  const hash = createHash('sha256')
    .update(readFileSync(audit.path(BUNDLE)))
    .digest('hex');
  for (const words of [hash, BUNDLE, 'trust.txt', SESSION]) {
    assert.ok(proven.includes(words), `the page does not name ${words}`);
  }
  assert.match(proven, /every event was captured/i);
  assert.match(proven, /no witness/i);
  assert.doesNotMatch(proven, /<script|https?:\/\/(?!127)/i, 'it runs or fetches something');
  const altered = audit.change(BUNDLE, 'tool-30', 'tool-31');
  await audit.assertCode(1, altered, '--report', 'refused.html');
  assert.match(audit.text('refused.html'), /tampered/i);
  assert.doesNotMatch(proven, /tampered with/i);
  await looksLikeIt(t, audit);
}

/** In a real browser: one heading, the verdict in words, nothing asked of any network. */
async function looksLikeIt(t: TestContext, audit: Case): Promise<void> {
  const browser = await openBrowser(t);
  if (browser === undefined) return;
  const page = await browser.newPage();
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  for (const [name, word] of [
    ['proven.html', /proven/i],
    ['refused.html', /tampered/i],
  ] as const) {
    await page.goto(`file://${audit.path(name)}`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    assert.match((await page.getByRole('main').textContent()) ?? '', word);
  }
  assert.ok(
    asked.every((url) => url.startsWith('file://')),
    asked.join(),
  );
  await page.close();
}
