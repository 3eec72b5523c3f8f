/** The database is changed under a collector that serves it: what a reader and an auditor get. */
import type { TestContext } from 'node:test';
import type { SystemRow } from '../row.ts';
import { recordedSite, SESSION } from './sites.ts';

const EVENT = `session = '${SESSION}' AND shim = 'in' AND seq = 150`;
const OF_LIST = { source: 'attack list', status: 'runs', on: 'database', where: ['node'] } as const;

/** What an auditor gets before and after a statement. */
function served(statement: string): SystemRow['run'] {
  return async (t: TestContext) => {
    const site = await recordedSite(t);
    await site.startOpen();
    const sound = await site.audit(SESSION);
    await site.sql(statement);
    return { sound, attacked: await site.audit(SESSION) };
  };
}

export const SERVED_ROWS: SystemRow[] = [
  {
    ...OF_LIST,
    id: '42-export',
    text: 'ClickHouse: a row is deleted under a running collector: what it exports has a hole',
    code: 3,
    says: /^INCOMPLETE \(3\)\n.*chains\/0\/records\/150\n {4}expected {2}seq 150\n/m,
    run: served(`ALTER TABLE records DELETE WHERE ${EVENT}`),
  },
  {
    ...OF_LIST,
    id: '43',
    text: 'ClickHouse: a row is doubled by a retry, with the same bytes: a reader sees it once',
    code: 0,
    says: /^PROVEN \(0\)[\s\S]*s1\/in \(300\)/m,
    run: served(`INSERT INTO records SELECT * FROM records WHERE ${EVENT}`),
  },
  {
    ...OF_LIST,
    id: '51-proof',
    text: 'a tile is replaced under a running collector: what it proves is refused',
    code: 1,
    says: /^TAMPERED \(1\)\n.*seal\n.*a proof that it is leaf/,
    run: served('ALTER TABLE tiles UPDATE hashes = reverse(hashes) WHERE n = 0'),
  },
  {
    ...OF_LIST,
    id: '1-stored',
    text: 'ClickHouse: one byte of a record is changed under a running collector',
    code: 1,
    says: /^TAMPERED \(1\)\n.*chains.*\n.*prev /,
    run: served(
      `ALTER TABLE records UPDATE record = replaceOne(record, 'batch', 'other') WHERE ${EVENT}`,
    ),
  },
  {
    ...OF_LIST,
    id: '4-stored',
    text: 'ClickHouse: a payload is deleted under a running collector, and no record says so',
    code: 3,
    says: /^INCOMPLETE \(3\)\n.*parts/,
    run: served(`ALTER TABLE parts DELETE WHERE name = 'prompt' AND idx > 300`),
  },
];
