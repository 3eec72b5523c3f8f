/** Attacks of somebody who may write in the database, found by `fsck`. */
import type { TestContext } from 'node:test';
import type { SystemRow } from '../row.ts';
import type { Site } from './site.ts';
import { recordedSite, SESSION, soundCheck, soundStart } from './sites.ts';

const EVENT = `session = '${SESSION}' AND shim = 'in' AND seq = 150`;
const OF_LIST = { source: 'attack list', status: 'runs', on: 'database', where: ['node'] } as const;
const FOUND = { ...OF_LIST, code: 1 };

/** What `vitrine fsck` says of a record before and after what is done to it. */
function checked(attack: (site: Site) => Promise<unknown>): SystemRow['run'] {
  return async (t: TestContext) => {
    const site = await recordedSite(t);
    await attack(site);
    return { sound: await soundCheck(t), attacked: await site.vitrine('fsck') };
  };
}

const statements =
  (...all: string[]) =>
  (site: Site): Promise<unknown> =>
    site.sql(...all);

export const DATABASE_ROWS: SystemRow[] = [
  {
    ...FOUND,
    id: '41',
    text: 'ClickHouse: UPDATE of a column that is derived from the record',
    says: /^records \d+ title\n {2}expected .*batch 100 50\n {2}found .*innocent$/m,
    run: checked(statements(`ALTER TABLE records UPDATE title = 'innocent' WHERE ${EVENT}`)),
  },
  {
    ...FOUND,
    id: '41-admit',
    text: 'ClickHouse: UPDATE of a column that comes from the admit record',
    says: /^records \d+ vantage\n {2}expected {2}agent\n {2}found {5}host$/m,
    run: checked(statements(`ALTER TABLE records UPDATE vantage = 'host' WHERE ${EVENT}`)),
  },
  {
    ...FOUND,
    id: '41-supervision',
    text: 'ClickHouse: UPDATE in the table that lists of sessions are made of',
    says: /^supervision \d+ host_name\n/m,
    run: checked(
      statements(`ALTER TABLE supervision UPDATE host_name = 'x' WHERE session = '${SESSION}'`),
    ),
  },
  {
    ...FOUND,
    id: '42',
    text: 'ClickHouse: the part that holds a row is detached',
    says: /^records \d+ idx\n {2}expected {2}a row\n {2}found {5}none$/m,
    run: checked(async (site) => {
      const [part] = await site.sql(`SELECT any(_part) FROM records WHERE ${EVENT} FORMAT TSV`);
      await site.sql(`ALTER TABLE records DETACH PART '${part}'`);
    }),
  },
  {
    ...FOUND,
    id: '42-partition',
    text: 'ClickHouse: the partition of all records is dropped',
    says: /^records 0 idx\n {2}expected {2}a row\n {2}found {5}none$/m,
    run: checked(statements("ALTER TABLE records DROP PARTITION ('default.0.1', 0)")),
  },
  {
    ...FOUND,
    id: '43-fsck',
    text: 'ClickHouse: a row is doubled by a retry, with the same bytes: named all the same',
    says: /^records \d+ idx\n {2}expected {2}one row\n {2}found {5}a second, equal one$/m,
    run: checked(statements(`INSERT INTO records SELECT * FROM records WHERE ${EVENT}`)),
  },
  {
    ...FOUND,
    id: '43-other',
    text: 'ClickHouse: a second row of one index, with other bytes',
    says: /^records \d+ idx\n {2}expected {2}one row\n {2}found {5}a second, other one$/m,
    run: checked(
      statements(
        `INSERT INTO records SELECT * REPLACE (replaceOne(record, 'batch', 'other') AS record)
         FROM records WHERE ${EVENT}`,
      ),
    ),
  },
  {
    ...FOUND,
    id: '51',
    text: 'a tile is replaced by one with another hash in it',
    says: /^tiles 0\/0 hashes\n/m,
    run: checked(statements('ALTER TABLE tiles UPDATE hashes = reverse(hashes) WHERE n = 0')),
  },
  {
    ...OF_LIST,
    id: '51-start',
    text: 'a tile is replaced while nothing runs: the collector does not start on it',
    code: 1,
    says: /^error LOG_EDGE_MISMATCH: the stored leaves do not give the root/m,
    run: launched((site) =>
      site.sql('ALTER TABLE tiles UPDATE hashes = reverse(hashes) WHERE n = 0').then(() => {}),
    ),
  },
];

function launched(attack: (site: Site) => Promise<void>): SystemRow['run'] {
  return async (t: TestContext) => {
    const site = await recordedSite(t);
    const sound = await soundStart(t);
    await attack(site);
    return { sound, attacked: await site.launch() };
  };
}
