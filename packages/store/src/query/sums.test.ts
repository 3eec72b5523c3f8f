import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { FsckRig } from '../fixture/fsck.ts';
import { migrate } from '../migrate.ts';
import type { StoredSession } from '../row.ts';

const LOG = 'default.0.1';
const ROWS = 150_000;
const SESSIONS = 7;
let rig: FsckRig;

/** Rows of seven sessions in turn; the makers' clocks run backwards. */
async function insertRows(first: number, end: number): Promise<void> {
  await rig.admin.command(
    `INSERT INTO records (tenant, log, idx, session, shim, seq, kind, t, vantage)
     SELECT 'default', {log:String}, number, concat('s', toString(number % ${SESSIONS})),
       if(number < 70000, 'b0.host', 'b1.agent'), number,
       'other', {rows:Int64} - number,
       if(number < 70000, 'host', 'agent')
     FROM numbers({first:UInt64}, {count:UInt64})`,
    { log: LOG, rows: 2 * ROWS, first, count: end - first },
  );
}

async function totals(size: number): Promise<Partial<StoredSession>[]> {
  const { items } = await rig.store.sessions({ log: LOG, size, limit: 10 });
  return items.map(({ session, events, first_t, last_t, vantages, chains }) => {
    return { session, events, first_t, last_t, vantages, chains };
  });
}

function expected(size: number): Partial<StoredSession>[] {
  return Array.from({ length: SESSIONS }, (_, session) => session)
    .filter((session) => session < size)
    .map((session): Partial<StoredSession> => {
      const events = Math.floor((size - session - 1) / SESSIONS) + 1;
      const last = session + (events - 1) * SESSIONS;
      const both = last >= 70_000;
      return {
        session: `s${session}`,
        events,
        first_t: String(2 * ROWS - last),
        last_t: String(2 * ROWS - session),
        vantages: both ? ['agent', 'host'] : ['host'],
        chains: both ? 2 : 1,
      };
    })
    .reverse();
}

/** The end of every chain, as the rows say. */
async function assertTips(size: number): Promise<void> {
  const names = Array.from({ length: SESSIONS }, (_, session) => `s${session}`);
  const rows = await rig.admin.rows<{ session: string; shim: string; seq: string }>(
    `SELECT session, shim, max(seq) AS seq FROM records WHERE log = '${LOG}' AND idx < {size:UInt64}
     GROUP BY session, shim ORDER BY session, shim SETTINGS optimize_use_projections = 0`,
    { size },
  );
  const tips = await rig.store.tips(LOG, size, names);
  assert.deepEqual(
    tips.map(({ session, shim, seq }) => ({ session, shim, seq: String(seq) })),
    rows,
  );
}

async function assertTotals(): Promise<void> {
  for (const size of [SESSIONS, 65_535, 65_536, 65_537, 70_005, 131_071, 131_072, 140_001, ROWS]) {
    assert.deepEqual(await totals(size), expected(size), `at ${size}`);
    await assertTips(size);
  }
}

/** Parts of the table, and those of them that have sums. */
async function parts(): Promise<{ all: number; summed: number }> {
  const [row] = await rig.admin.rows<{ all: string; summed: string }>(
    `SELECT count() AS all, countIf(has(projections, 'by_chain')) AS summed FROM system.parts
     WHERE database = currentDatabase() AND table = 'records' AND active`,
    {},
  );
  return { all: Number(row?.all), summed: Number(row?.summed) };
}

before(async () => {
  rig = await FsckRig.start(mkdtempSync(join(tmpdir(), 'vitrine-rollup-')));
  await rig.admin.command(
    `INSERT INTO supervision (log, idx, session, seq, kind, record)
     SELECT {log:String}, number, concat('s', toString(number)), 0, 'open', '{"t":"0"}'
     FROM numbers(${SESSIONS})`,
    { log: LOG },
  );
});

after(async () => {
  await rig.stop();
});

describe('the sums of sessions', () => {
  it('are exact at every published size, whatever stands above it', async () => {
    await insertRows(0, 50_000);
    await insertRows(50_000, 90_000);
    await rig.admin.command('OPTIMIZE TABLE records FINAL');
    await insertRows(90_000, ROWS);
    assert.deepEqual(await parts(), { all: 2, summed: 1 }, 'a part that was merged has sums');
    await assertTotals();
  });

  it('are what the engine reads', async () => {
    const plan = await rig.admin.rows<{ explain: string }>(
      `EXPLAIN SELECT session, shim, groupBitmap(toUInt16(idx % 65536)), max(seq) FROM records
         WHERE tenant = 'default' AND log = '${LOG}' AND session IN ('s1', 's2')
           AND intDiv(idx, 65536) < 2
         GROUP BY session, shim, intDiv(idx, 65536)`,
      {},
    );
    assert.match(plan.map(({ explain }) => explain).join('\n'), /by_chain/);
  });

  it('come to a store that was made before them', async () => {
    await rig.admin.command('ALTER TABLE records DROP PROJECTION by_chain');
    await rig.admin.command('ALTER TABLE records DROP INDEX has_kind');
    await rig.admin.command('SYSTEM STOP MERGES records');
    const forget = "ALTER TABLE migrations DELETE WHERE name = '0002-sums.sql'";
    await rig.admin.command(forget, {}, { mutations_sync: '2' });
    const said: string[] = [];
    await migrate(rig.admin, (line) => said.push(line));
    assert.deepEqual(said, ['store: applied migration 0002-sums.sql']);
    await insertRows(ROWS, ROWS + 100);
    assert.deepEqual(await parts(), { all: 3, summed: 0 });
    await assertTotals();
    await rig.admin.command('SYSTEM START MERGES records');
    while ((await parts()).summed === 0) await sleep(50);
    await assertTotals();
  });
});
