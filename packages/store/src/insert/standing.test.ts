import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { INSERT_PREFIX } from '../client/connection.ts';
import { FsckRig, makeLog } from '../fixture/fsck.ts';
import { insert } from '../fixture/log.ts';

let rig: FsckRig;

before(async () => {
  rig = await FsckRig.start(mkdtempSync(join(tmpdir(), 'vitrine-standing-')));
});

after(() => rig.stop());

const running = (): Promise<unknown[]> =>
  rig.admin.rows('SELECT query_id FROM system.processes WHERE startsWith(query_id, {p:String})', {
    p: INSERT_PREFIX,
  });

it('an insert whose answer was lost is ended before its batch is redone', async () => {
  const { made, batches } = makeLog('lost.0.1');
  const [batch] = batches;
  await insert(rig.store, batch!);
  const lost = rig.statement(
    `INSERT INTO tiles SELECT '${made.log}', 0, 0, repeat('x', 8192) FROM numbers(100)
     WHERE sleepEachRow(0.1) = 0 SETTINGS max_block_size = 1,
       function_sleep_max_microseconds_per_block = 0`,
    `${INSERT_PREFIX}lost`,
  );
  while ((await running()).length === 0) await sleep(10);
  await insert(rig.store, batch!, true);
  assert.deepEqual(await running(), []);
  assert.match(await lost, /QUERY_WAS_CANCELLED/);
  assert.deepEqual(await rig.store.tile(made.log, 0, 0), batch!.tiles[0]!.hashes);
  const [count] = await rig.admin.rows('SELECT count() AS n FROM tiles', {});
  assert.deepEqual(count, { n: '1' });
});
