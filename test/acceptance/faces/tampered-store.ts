/**
 * Somebody with power over the machine edits a column of an event in the store. In the list that
 * row is broken, and says why.
 */
import assert from 'node:assert/strict';
import { Intruder } from '../path/intruder.ts';
import type { House } from './house.ts';
import { push } from './push.ts';
import { rowsWith, stateOf, write } from './timeline.ts';

const SESSION = 'edited';

/** The store's engine is killed and comes back: nothing else may run on this system meanwhile. */
export async function findsAnEditedColumn(house: House): Promise<void> {
  await push(house.system, SESSION, [write('/edited/secret'), write('/edited/other')]);
  const tab = await house.tab(`/s/${SESSION}`);
  await stateOf(rowsWith(tab, '/edited/secret'), 'sealed').waitFor();
  const intruder = await Intruder.enter(house.system);
  await edit(intruder, `title = 'file.write /edited/innocent'`, "title LIKE '%/edited/secret'");
  await tab.page.reload();
  const row = rowsWith(tab, '/edited/innocent');
  await row.waitFor();
  const reason = await stateOf(row, 'broken').getAttribute('title');
  assert.match(reason!, /The column title was changed: the row says .*innocent.*secret/);
  await stateOf(rowsWith(tab, '/edited/other'), 'sealed').waitFor();
  await edit(intruder, `title = 'file.write /edited/secret'`, "title LIKE '%/edited/innocent'");
  await tab.page.reload();
  await stateOf(rowsWith(tab, '/edited/secret'), 'sealed').waitFor();
  tab.assertSound();
  await tab.close();
}

function edit(intruder: Intruder, set: string, where: string): Promise<void> {
  return intruder.run(
    `ALTER TABLE records UPDATE ${set} WHERE session = '${SESSION}' AND ${where}`,
  );
}
