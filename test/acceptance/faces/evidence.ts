/**
 * What an auditor takes away: the button gives a file, and the line beside it verifies the file
 * without a server. Where a page has no cryptography it says so, and shows the line instead.
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Tab } from './browser.ts';
import { type House, OTHER_HOST } from './house.ts';
import { verdict } from './proof.ts';
import { push } from './push.ts';
import { rowsWith, stateOf, write } from './timeline.ts';

const SESSION = 'taken-away';

export async function isTakenAway(house: House): Promise<void> {
  await push(house.system, SESSION, [write('/taken/one'), write('/taken/two')]);
  const tab = await house.tab(`/s/${SESSION}`);
  await stateOf(rowsWith(tab, '/taken/two'), 'sealed').waitFor();
  const download = tab.page.waitForEvent('download');
  await tab.page.getByRole('button', { name: 'Evidence' }).click();
  const name = (await download).suggestedFilename();
  const file = join(house.system.dir, name);
  await (await download).saveAs(file);
  const said = tab.page.getByRole('region', { name: 'Evidence' }).getByRole('listitem');
  const [takesTrust, verifies] = (await said.locator('code').allInnerTexts()).map(wordsOf);
  assert.deepEqual(takesTrust, ['trust', '>', 'trust.txt']);
  writeFileSync(join(house.system.dir, 'trust.txt'), await house.system.text('trust'));
  assert.match(await house.system.text(...verifies!), /verified|valid|holds|OK/i);
  await assertTampered(house, file, verifies!);
  tab.assertSound();
  await tab.close();
}

/** Plain http from another host: browsers give such a page no cryptography. */
export async function saysWhereItCannot(house: House): Promise<void> {
  const { port } = new URL(house.base);
  const tab = await Tab.open(house.browser, `http://${OTHER_HOST}:${port}`);
  await tab.go(await house.link(`/s/${SESSION}`));
  await rowsWith(tab, '/taken/one').click();
  await tab.page.getByRole('tab', { name: 'Proof' }).click();
  const proof = tab.page.getByRole('region', { name: 'Proof' });
  await proof.getByText('This page cannot verify').waitFor();
  const lines = await proof.getByRole('listitem').locator('code').allInnerTexts();
  assert.equal(lines.length, 3, lines.join());
  const [exports, , verifies] = lines.map(wordsOf);
  await house.system.text(...exports!);
  await house.system.text(...verifies!);
  tab.assertSound();
  await tab.close();
  const near = await house.tab(`/s/${SESSION}`);
  await rowsWith(near, '/taken/one').click();
  await near.page.getByRole('tab', { name: 'Proof' }).click();
  await verdict(near).getByText('Proven in this browser').waitFor();
  await near.close();
}

async function assertTampered(house: House, file: string, verifies: string[]): Promise<void> {
  const honest = readFileSync(file, 'utf8');
  const changed = honest.replace('/taken/two', '/taken/2wo');
  assert.notEqual(changed, honest, 'the file does not hold the record');
  writeFileSync(file, changed);
  const { code } = await house.system.cli(...verifies);
  assert.ok(code !== 0, 'a changed file was verified');
}

/** Words of a line behind `npx --no vitrine`, as a shell takes them apart. */
function wordsOf(line: string): string[] {
  const words = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!);
  assert.deepEqual(words.slice(0, 3), ['npx', '--no', 'vitrine'], line);
  return words.slice(3);
}
