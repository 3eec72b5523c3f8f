/**
 * Sums of chains: whole blocks of leaves from the projection `by_chain` (migrations/0002-sums.sql),
 * and the rows above the last of them. What stands beyond the published size is never counted, and
 * a leaf that stands twice is counted once.
 */
import type { Connection } from '../client/connection.ts';
import { tenantOf } from './columns.ts';

/** Leaves that one row of the projection sums. */
const SUM_LEAVES = 65_536;

/** What can be asked of some leaves of a chain; only what is named is read. */
const SUMS = {
  /** Leaves. */
  n: `groupBitmap(toUInt16(idx % ${SUM_LEAVES}))`,
  low: 'min(t)',
  high: 'max(t)',
  seen: 'groupUniqArray(vantage)',
  last: 'max(seq)',
  /** The leaf of `last`. */
  place: 'argMax(idx, seq)',
  received: 'max(observed)',
};

/** Answers `select` for these sessions, asked of some rows for each chain. */
export function ofChainSums<T>(
  connection: Connection,
  { log, size, sessions }: { log: string; size: number; sessions: readonly string[] },
  names: readonly (keyof typeof SUMS)[],
  select: string,
  rest: string,
): Promise<T[]> {
  const whole = Math.floor(size / SUM_LEAVES);
  const asked = names.map((name) => `${SUMS[name]} AS ${name}`).join(', ');
  const sums = (range: string): string =>
    `SELECT session, shim, ${asked}
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
