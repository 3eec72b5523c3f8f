/**
 * Every column of every evidence table, one at a time, edited in the database as somebody who may
 * write there would: each edit is named. The engine names the columns, so that none is left out.
 */
import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { FsckRig, makeLog, named } from '../fixture/fsck.ts';
import type { FixtureLog } from '../fixture/log.ts';

const TABLES = ['records', 'supervision', 'parts', 'tiles', 'checkpoints'] as const;

interface Subject {
  table: (typeof TABLES)[number];
  /** Condition of the row that is edited; `{log}` is that of the log. */
  row: string;
  /** What tells it from all others, and from its edited form. */
  key: string[];
  /** How findings name its place. */
  place: string;
  /** Columns that are named by another's name, for the row is not found where it was. */
  as: Record<string, string>;
}

/** What `fsck --fast` claims to find; other columns are left to the whole check. */
const CLAIMED: Record<string, string[]> = {
  records: ['log', 'idx', 'leaf', 'record'],
  parts: ['log', 'idx', 'name', 'salt', 'data'],
  tiles: ['log', 'level', 'n', 'hashes'],
};

let rig: FsckRig;
let made: FixtureLog;
let subjects: Subject[];
const columns = new Map<string, { name: string; type: string }[]>();

before(async () => {
  rig = await FsckRig.start(mkdtempSync(join(tmpdir(), 'vitrine-columns-')));
  const log = makeLog('every.0.1');
  made = log.made;
  await rig.insertAll(log.batches);
  // Fewer data parts to rewrite with each edit.
  for (const table of TABLES) await rig.admin.command(`OPTIMIZE TABLE ${table} FINAL`);
  const event = made.rows.find(({ record }) => record.includes('"argv"'))!.idx;
  const open = made.rows.find(({ kind }) => kind === 'open')!.idx;
  const { size } = log.batches[1]!.checkpoint;
  const at = (idx: number): string => `log = 'every.0.1' AND idx = ${idx}`;
  const lost = { log: 'idx', idx: 'idx' };
  subjects = [
    {
      ...{ table: 'records', row: at(event), key: ['log', 'idx'], place: `${event}` },
      as: { ...lost, record: 'leaf' },
    },
    { table: 'supervision', row: at(open), key: ['log', 'idx'], place: `${open}`, as: lost },
    {
      ...{ table: 'parts', row: at(event), key: ['log', 'idx', 'name'], place: `${event}/argv` },
      as: { log: 'data', idx: 'data', name: 'data', salt: 'data' },
    },
    {
      ...{ table: 'tiles', row: "log = 'every.0.1' AND level = 0 AND n = 0", place: '0/0' },
      ...{ key: ['log', 'level', 'n'], as: { log: 'n', level: 'n' } },
    },
    {
      ...{ table: 'checkpoints', row: `log = 'every.0.1' AND size = ${size}`, place: `${size}` },
      ...{ key: ['log', 'size'], as: { log: 'size' } },
    },
  ];
  const rows = await rig.admin.rows<{ table: string; name: string; type: string }>(
    `SELECT table, name, type FROM system.columns
     WHERE database = currentDatabase() AND default_kind = '' ORDER BY table, position`,
    {},
  );
  for (const { table, name, type } of rows) {
    columns.set(table, [...(columns.get(table) ?? []), { name, type }]);
  }
});

after(() => rig.stop());

/** Another value of the column, of its type. */
function edited({ name, type }: { name: string; type: string }): string {
  if (/FixedString|hashes|salt/.test(type + name)) return `reverse(${name})`;
  if (type.includes('String')) return `concat(${name}, 'x')`;
  // A place where no other row stands.
  if (['idx', 'n', 'size'].includes(name)) return `${name} + 1000000`;
  return `${name} + 1`;
}

/** Puts the edited row in the place of the true one, asks, and puts the true one back. */
async function withEdit(
  subject: Subject,
  column: { name: string; type: string },
  ask: () => Promise<void>,
): Promise<void> {
  const { table, row, key } = subject;
  const list = columns.get(table)!.map(({ name }) => name);
  const values = list.map((name) => (name === column.name ? edited(column) : name));
  const edits = key.map((name) => (name === column.name ? edited(column) : name));
  const remove = (rows: string): Promise<void> =>
    rig.admin.command(`ALTER TABLE ${table} DELETE WHERE ${rows}`, {}, { mutations_sync: '2' });
  const into = `INSERT INTO ${table} (${list.join(', ')}) SELECT`;
  await rig.admin.command(
    `CREATE TABLE saved ENGINE = MergeTree ORDER BY tuple() AS SELECT ${list.join(', ')}
     FROM ${table} WHERE ${row}`,
  );
  await remove(row);
  await rig.admin.command(`${into} ${values.join(', ')} FROM saved`);
  try {
    await ask();
  } finally {
    await remove(`(${key.join(', ')}) IN (SELECT ${edits.join(', ')} FROM saved)`);
    await rig.admin.command(`${into} ${list.join(', ')} FROM saved`);
    await rig.admin.command('DROP TABLE saved SYNC');
  }
}

/** Derived or about the store itself: no proof rests on them, and they can be made again. */
const OPERATIONAL = ['migrations', 'words'];

describe('an edit of any column of any evidence table', () => {
  it('knows every table that the migrations make', () => {
    const known = [...subjects.map(({ table }) => table), ...OPERATIONAL].sort();
    assert.deepEqual([...columns.keys()].sort(), known);
  });

  for (const table of TABLES) {
    it(`is named by fsck, and by --fast where that claims it: ${table}`, async () => {
      const subject = subjects.find((one) => one.table === table)!;
      const { place, as } = subject;
      for (const column of columns.get(table)!) {
        await withEdit(subject, column, async () => {
          const report = await rig.check(made);
          const expected = `${table} ${place} ${as[column.name] ?? column.name}`;
          assert.ok(named(report).includes(expected), `${expected}: ${named(report).join()}`);
          assert.equal(report.ok, false);
          const claimed = CLAIMED[table]?.includes(column.name) === true;
          const fast = await rig.checkFast(made);
          assert.equal(named(fast).includes(expected), claimed, `--fast: ${named(fast).join()}`);
          assert.equal(fast.ok, !claimed);
        });
      }
      const whole = await rig.check(made);
      assert.deepEqual(named(whole), [], 'as it was before');
      assert.deepEqual(named(await rig.checkFast(made)), []);
    });
  }
});
