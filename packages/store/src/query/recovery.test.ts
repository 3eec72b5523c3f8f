/** What a start reads back of a store that is damaged: said, and never a hash that is not there. */
import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Connection } from '../client/connection.ts';
import { FsckRig } from '../fixture/fsck.ts';
import { tipsBetween } from './recovery.ts';

test('a chain whose last leaf is gone is told by its name', async (t) => {
  const rig = await FsckRig.start(mkdtempSync(join(tmpdir(), 'vitrine-recovery-')));
  t.after(() => rig.stop());
  const log = 'default.0.1';
  await rig.admin.command(
    `INSERT INTO records (tenant, log, idx, session, shim, seq, kind)
     SELECT 'default', {log:String}, number, 's', 'b0.host', number, 'other' FROM numbers(10)`,
    { log },
  );
  assert.equal((await tipsBetween(rig.admin, log, 0, 10))[0]?.seq, 9);
  /** As when sums and rows do not agree: the row goes when the sums have been read. */
  const torn: Pick<Connection, 'rows' | 'rowsOfList'> = {
    rows: (...asked) => rig.admin.rows(...asked),
    async rowsOfList(...asked) {
      const gone = 'ALTER TABLE records DELETE WHERE idx = 9';
      await rig.admin.command(gone, {}, { mutations_sync: '2' });
      return rig.admin.rowsOfList(...asked);
    },
  };
  await assert.rejects(tipsBetween(torn as Connection, log, 0, 10), {
    code: 'ROWS_MISSING',
    message: /s\/b0\.host, at 9/,
  });
});
