/**
 * Somebody with power over the machine gives himself a user of the store, and edits a column of an
 * event through ClickHouse's own port. In the list that row is broken, and says why.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { engineOf } from '../path/collector-process.ts';
import { until } from '../path/until.ts';
import type { House } from './house.ts';
import { push } from './push.ts';
import { rowsWith, stateOf, write } from './timeline.ts';

const INTRUDER = 'intruder';
const PASSWORD = 'let me in';
const ENGINE_MS_MAX = 30_000;
const SESSION = 'edited';

/** The store's engine is killed and comes back: nothing else may run on this system meanwhile. */
export async function findsAnEditedColumn(house: House): Promise<void> {
  await push(house.system, SESSION, [write('/edited/secret'), write('/edited/other')]);
  const tab = await house.tab(`/s/${SESSION}`);
  await stateOf(rowsWith(tab, '/edited/secret'), 'sealed').waitFor();
  await becomeUser(house);
  await edit(house, `title = 'file.write /edited/innocent'`, "title LIKE '%/edited/secret'");
  await tab.page.reload();
  const row = rowsWith(tab, '/edited/innocent');
  await row.waitFor();
  const reason = await stateOf(row, 'broken').getAttribute('title');
  assert.match(reason!, /The column title was changed: the row says .*innocent.*secret/);
  await stateOf(rowsWith(tab, '/edited/other'), 'sealed').waitFor();
  await edit(house, `title = 'file.write /edited/secret'`, "title LIKE '%/edited/innocent'");
  await tab.page.reload();
  await stateOf(rowsWith(tab, '/edited/secret'), 'sealed').waitFor();
  tab.assertSound();
  await tab.close();
}

/** The engine reads its users when it starts. */
async function becomeUser(house: House): Promise<void> {
  const { run, data } = house.system;
  const store = join(data, 'store');
  const [folder] = readdirSync(store).filter((name) => name.startsWith('engine-'));
  const users = join(store, folder!, 'users.xml');
  const user = `<${INTRUDER}><password>${PASSWORD}</password>
    <networks><ip>127.0.0.1</ip></networks><profile>default</profile><quota>default</quota>
    <grants><query>GRANT ALL ON vitrine.*</query></grants></${INTRUDER}>`;
  writeFileSync(users, readFileSync(users, 'utf8').replace('</users>', `${user}</users>`));
  const engine = engineOf(run.pid);
  assert.ok(engine !== undefined, 'the collector has no engine');
  process.kill(engine, 'SIGKILL');
  await until('the engine is back', ENGINE_MS_MAX, async () => {
    const answer = await query(house, 'SELECT 1').catch(() => undefined);
    return answer?.ok ? true : undefined;
  });
}

async function edit(house: House, set: string, where: string): Promise<void> {
  const answer = await query(
    house,
    `ALTER TABLE records UPDATE ${set} WHERE session = '${SESSION}' AND ${where}`,
  );
  assert.ok(answer.ok, await answer.text());
}

function query({ system }: House, sql: string): Promise<Response> {
  return fetch(new URL('/?database=vitrine&mutations_sync=1', system.run.store.url), {
    method: 'POST',
    headers: { 'x-clickhouse-user': INTRUDER, 'x-clickhouse-key': PASSWORD },
    body: sql,
  });
}
