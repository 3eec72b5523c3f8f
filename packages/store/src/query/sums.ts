/**
 * Sums of chains: whole blocks of leaves from the projection `by_chain` (migrations/0002-sums.sql),
 * and the rows above the last of them. What stands beyond the published size is never counted, and
 * a leaf that stands twice is counted once.
 */
import type { Connection } from '../client/connection.ts';
import { tenantOf } from './columns.ts';

/** Leaves that one row of the projection sums. */
const SUM_LEAVES = 65_536;

/**
 * Answers `select` for these sessions, asked of rows with `session`, `shim`, `n` (leaves), `low`
 * and `high` (of `t`), `seen` (vantages), `last` (`seq`), `place` (the leaf of `last`) and
 * `received` (the newest `observed`): some for each chain.
 */
export function ofChainSums<T>(
  connection: Connection,
  { log, size, sessions }: { log: string; size: number; sessions: readonly string[] },
  select: string,
  rest: string,
): Promise<T[]> {
  const whole = Math.floor(size / SUM_LEAVES);
  const sums = (range: string): string =>
    `SELECT session, shim, groupBitmap(toUInt16(idx % ${SUM_LEAVES})) AS n, min(t) AS low,
       max(t) AS high, groupUniqArray(vantage) AS seen, max(seq) AS last,
       argMax(idx, seq) AS place, max(observed) AS received
     FROM records
     WHERE tenant = {tenant:String} AND log = {log:String}
       AND session IN {sessions:Array(String)} AND ${range}
     GROUP BY session, shim, intDiv(idx, ${SUM_LEAVES})`;
  return connection.rowsOfList<T>(
    `SELECT ${select}
     FROM (${sums(`intDiv(idx, ${SUM_LEAVES}) < {whole:UInt64}`)}
       UNION ALL ${sums('idx >= {from:UInt64} AND idx < {size:UInt64}')})
     ${rest}`,
    { tenant: tenantOf(log), log, size, whole, from: whole * SUM_LEAVES },
    'sessions',
    sessions,
  );
}
