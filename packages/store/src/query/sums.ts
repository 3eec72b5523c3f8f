/**
 * Sums of chains: whole blocks of leaves from the projection `by_chain` (migrations/0002-sums.sql),
 * and the rows before and behind them. What stands beyond the published size is never counted, and
 * a leaf that stands twice is counted once.
 */
import type { Connection, Params } from '../client/connection.ts';
import { tenantOf } from './columns.ts';

/** Leaves that one row of the projection sums. */
const SUM_LEAVES = 65_536;
const BLOCK = `intDiv(idx, ${SUM_LEAVES})`;

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

/** Leaves [first, end), of all sessions where none are named. */
export interface SumRange {
  log: string;
  first?: number;
  end: number;
  sessions?: readonly string[];
}

/** Answers `select`, asked of some rows for each chain. */
export function ofChainSums<T>(
  connection: Connection,
  { log, first = 0, end, sessions }: SumRange,
  names: readonly (keyof typeof SUMS)[],
  select: string,
  rest: string,
): Promise<T[]> {
  if (first >= end) return Promise.resolve([]);
  const asked = names.map((name) => `${SUMS[name]} AS ${name}`).join(', ');
  const named = sessions === undefined ? '' : ' AND session IN {sessions:Array(String)}';
  const params: Params = { tenant: tenantOf(log), log };
  const sums = stretchesOf(first, end).map(({ by, from, to }, n) => {
    Object.assign(params, { [`from${n}`]: from, [`to${n}`]: to });
    return `SELECT session, shim, ${asked}
      FROM records
      WHERE tenant = {tenant:String} AND log = {log:String}${named}
        AND ${by} >= {from${n}:UInt64} AND ${by} < {to${n}:UInt64}
      GROUP BY session, shim, ${BLOCK}`;
  });
  const query = `SELECT ${select} FROM (${sums.join(' UNION ALL ')}) ${rest}`;
  if (sessions === undefined) return connection.rows<T>(query, params);
  return connection.rowsOfList<T>(query, params, 'sessions', sessions);
}

interface Stretch {
  /** What `from` and `to` count. */
  by: string;
  from: number;
  to: number;
}

/** The whole blocks of [first, end), and the leaves before and behind them. */
function stretchesOf(first: number, end: number): Stretch[] {
  const [from, to] = [Math.ceil(first / SUM_LEAVES), Math.floor(end / SUM_LEAVES)];
  if (from >= to) return [{ by: 'idx', from: first, to: end }];
  const stretches = [
    { by: 'idx', from: first, to: from * SUM_LEAVES },
    { by: BLOCK, from, to },
    { by: 'idx', from: to * SUM_LEAVES, to: end },
  ];
  return stretches.filter((stretch) => stretch.from < stretch.to);
}
