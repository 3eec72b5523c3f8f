/**
 * What a redone batch finds: the rows that stand already, and rows that stand twice. The engine's
 * insert token is never trusted (it outlives rows, and rows outlive it): only what is read back.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { INSERT_SECONDS_MAX } from '@vitrine/schema';
import { type Connection, INSERT_PREFIX, LIST_ITEMS } from '../client/connection.ts';
import { StoreError } from '../error.ts';

/** Rows of one table that belong to a batch, and the key that tells them apart. */
export interface KeyedTable {
  table: string;
  /** SQL expression of the key, as text. */
  key: string;
  /** SQL condition that holds for the rows of this batch. */
  range: string;
  params: Record<string, unknown>;
}

const POLL_MS = 50;

/**
 * Waits until no insert of ours is running: one whose answer was lost may still be at work, and
 * would double what is inserted meanwhile.
 */
export async function settleInserts(connection: Connection): Promise<void> {
  const deadline = performance.now() + INSERT_SECONDS_MAX * 1_000;
  const params = { prefix: INSERT_PREFIX };
  const mine = 'user = currentUser() AND startsWith(query_id, {prefix:String})';
  while (performance.now() < deadline) {
    const query = `SELECT query_id FROM system.processes WHERE ${mine}`;
    if ((await connection.rows(query, params)).length === 0) return;
    await connection.command(`KILL QUERY WHERE ${mine} SYNC`, params);
    await sleep(POLL_MS);
  }
  const hint = 'restart the store';
  throw new StoreError('INSERT_FAILED', 'an insert of a lost answer is still running', hint);
}

/** Keys of the rows that stand exactly once, after rows that stood more often are deleted. */
export async function standingKeys(
  connection: Connection,
  where: KeyedTable,
  log: (line: string) => void,
): Promise<Set<string>> {
  const { table, key, range, params } = where;
  const rows = await connection.rows<{ k: string; copies: string }>(
    `SELECT ${key} AS k, count() AS copies FROM ${table} WHERE ${range} GROUP BY k`,
    params,
  );
  const doubled = rows.filter(({ copies }) => copies !== '1').map(({ k }) => k);
  if (doubled.length > 0) {
    log(`store: deletes ${doubled.length} doubled rows of ${table}, to be inserted again`);
    for (let at = 0; at < doubled.length; at += LIST_ITEMS) {
      await connection.command(
        `ALTER TABLE ${table} DELETE WHERE ${range} AND ${key} IN {some:Array(String)}`,
        { ...params, some: doubled.slice(at, at + LIST_ITEMS) },
        { mutations_sync: '2' },
      );
    }
  }
  const gone = new Set(doubled);
  return new Set(rows.map(({ k }) => k).filter((k) => !gone.has(k)));
}
