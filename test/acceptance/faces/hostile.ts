/**
 * Names that are HTML, escapes of a terminal, and tricks with the direction of text: an agent may
 * call its files as it likes. On every page they are text, and what is hidden in them is shown.
 */
import assert from 'node:assert/strict';
import type { Tab } from './browser.ts';
import type { House } from './house.ts';
import { type Pushed, push } from './push.ts';
import { rowsWith, write } from './timeline.ts';

const HTML = '/x/<img src=x onerror="alert(1)"><script>alert(2)</script>';
const ESCAPE = '/x/\u001b[2J\u001b]0;owned\u0007red';
const BIDI = '/x/invoice\u202egnp.exe';
const AGENT = '<b onmouseover="alert(3)">bold</b>';
const SESSION = 'hostile';
/** What none of it may become. */
const MADE_OF_IT = 'img[src="x"], b[onmouseover], script:not([src]):not([nonce])';

export async function isShownAsText(house: House): Promise<void> {
  await push(house.system, SESSION, [write(HTML), write(ESCAPE), write(BIDI), call(HTML)]);
  const address = `/s/${SESSION}`;
  const tab = await house.tab(address);
  await rowsWith(tab, HTML).first().waitFor();
  await rowsWith(tab, '␛[2J').filter({ hasText: 'file.write' }).waitFor();
  await rowsWith(tab, '⟨U+202E⟩gnp.exe').waitFor();
  await assertInert(tab);
  await rowsWith(tab, '⟨U+202E⟩gnp.exe').click();
  for (const name of ['Fields', 'Raw record', 'Parts', 'Process', 'Vantage', 'Proof']) {
    await tab.page.getByRole('tab', { name }).click();
    await tab.page.getByRole('tabpanel').waitFor();
    await assertInert(tab);
  }
  await tab.go(`${address}/agents`);
  await tab.page.getByRole('row', { name: '<img src=x onerror="alert(1)">' }).waitFor();
  await assertInert(tab);
  await tab.go(`/search?q=${encodeURIComponent(HTML)}`);
  await tab.page.getByRole('heading', { level: 1 }).waitFor();
  await assertInert(tab);
  // As a phrase of the query language: bare, it would be no query at all.
  const phrase = JSON.stringify(HTML);
  await tab.go(`${address}?q=${encodeURIComponent(phrase)}&kind=${encodeURIComponent(HTML)}`);
  await tab.page.getByRole('heading', { name: 'No event matches the filter' }).waitFor();
  await assertInert(tab);
  await tab.close();
}

/** The cause broken: an ordinary name carries no marks, and what would look for them finds some. */
export async function isNotMarkedWithout(house: House): Promise<void> {
  await push(house.system, 'harmless', [write('/x/invoice.png')]);
  const tab = await house.tab('/s/harmless');
  const row = rowsWith(tab, '/x/invoice.png');
  await row.waitFor();
  assert.doesNotMatch((await row.textContent())!, /⟨U\+/);
  await tab.page.evaluate(`document.body.insertAdjacentHTML('beforeend', '<img src="x">\\u202e')`);
  await assert.rejects(assertInert(tab));
  await tab.close();
}

async function assertInert(tab: Tab): Promise<void> {
  tab.assertSound();
  const made = await tab.page.evaluate<number>(
    `document.querySelectorAll(${JSON.stringify(MADE_OF_IT)}).length`,
  );
  assert.equal(made, 0, 'an element was made of a name');
  const text = await tab.page.evaluate<string>('document.body.innerText');
  assert.doesNotMatch(text, /[\u0000-\u0008\u000e-\u001f\u202a-\u202e]/);
}

function call(path: string): Pushed {
  const members = { 'tool.name': ESCAPE, 'tool.use_id': 'u', 'tool.path': path, 'agent.id': AGENT };
  return { kind: 'tool.call', members };
}
