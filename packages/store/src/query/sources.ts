/**
 * Who was heard in some sessions. Of each chain the newest records only, and the few in which
 * relays and shims speak of themselves: cost goes with the number of chains, not with what they
 * hold.
 */
import { SOURCE_TAIL_RECORDS } from '@vitrine/schema';
import type { Connection } from '../client/connection.ts';
import type { SourceNotice, SourcesHeard, SourceTail } from '../source-row.ts';
import { Condition } from './condition.ts';
import { ofChainSums } from './sums.ts';

/** Kinds in which something is said about a source itself. */
const NOTICES = [
  'telemetry.hello',
  'telemetry.heartbeat',
  'telemetry.bye',
  'telemetry.drop',
  'telemetry.gap',
  'gap',
  'broken',
];
/**
 * `source.shim` of a shim; service and signal of who speaks no convention of ours. What comes from
 * an intake has a `source`, be it an empty one: only the relay's own records have none.
 */
const SOURCE = `JSONExtract(record, 'source',
  'Tuple(shim String, service String, signal String)') AS said`;
const NAME = `multiIf(said.shim != '', said.shim, NOT JSONHas(record, 'source'), '',
  concat(if(said.service = '', 'unknown_service', said.service), '/', said.signal))`;
/** Beyond every number of a chain: nothing of a chain that is not asked for. */
const NEVER = 'toInt64(9223372036854775807)';
/** The chain of sources without a relay: one in each session. */
const PUSHED = 'in';

interface ChainEnd {
  session: string;
  shim: string;
  records: string;
  top: string;
}

export async function sources(
  connection: Connection,
  log: string,
  size: number,
  sessions: readonly string[],
): Promise<SourcesHeard> {
  if (sessions.length === 0 || size === 0) return { tails: [], notices: [] };
  const chains = await ofChainSums<ChainEnd>(
    connection,
    { log, end: size, sessions },
    ['n', 'last'],
    'session, shim, sum(n) AS records, max(last) AS top',
    "WHERE shim != 'sup' GROUP BY session, shim",
  );
  const [tails, notices] = await Promise.all([
    tailsOf(connection, log, size, sessions, chains),
    noticesOf(connection, log, size, sessions),
  ]);
  return { tails, notices };
}

interface RawTail {
  session: string;
  vantage: string;
  name: string;
  records: string;
  spoke: string;
  heard: string;
  kinds: string[];
}

async function tailsOf(
  connection: Connection,
  log: string,
  size: number,
  sessions: readonly string[],
  chains: ChainEnd[],
): Promise<SourceTail[]> {
  const where = Condition.below(log, size)
    .and('session IN {sessions:Array(String)}', { sessions })
    .and("vantage != ''");
  newest(where, chains);
  const rows = await connection.rows<RawTail>(
    `WITH ${SOURCE}
     SELECT session, vantage, ${NAME} AS name, uniqExact(idx) AS records,
       maxIf(observed, NOT startsWith(kind, 'telemetry.')) AS spoke, max(observed) AS heard,
       groupUniqArray(kind) AS kinds
     FROM records WHERE ${where}
     GROUP BY session, vantage, name
     ORDER BY session, vantage, name LIMIT {limit:UInt64} BY session, vantage`,
    { ...where.params, limit: SOURCES_MAX },
  );
  const cut = new Set(chains.filter(isCut).map(({ session }) => session));
  return rows.map(({ session, vantage, name, records, spoke, heard, kinds }) => ({
    session,
    vantage,
    name,
    records: Number(records),
    whole: !cut.has(session),
    spoke: spoke === '0' ? null : spoke,
    heard,
    kinds,
  }));
}

/**
 * By the maker's name, which is looked up in the column's dictionary, not for each row. A boot of a
 * relay has one session; should two sessions have the same, both are read from the earlier place.
 */
function newest(where: Condition, chains: ChainEnd[]): void {
  const [makers, pushed] = [new Map<string, number>(), new Map<string, number>()];
  for (const { session, shim, top } of chains) {
    const from = Math.max(0, Number(top) - SOURCE_TAIL_RECORDS + 1);
    if (shim === PUSHED) pushed.set(session, from);
    else makers.set(shim, Math.min(from, makers.get(shim) ?? from));
  }
  const byMaker = `transform(shim, {makers:Array(String)}, {from:Array(Int64)}, ${NEVER})`;
  const bySession = `transform(session, {pushed:Array(String)}, {begun:Array(Int64)}, ${NEVER})`;
  where.and(
    pushed.size === 0
      ? `seq >= ${byMaker}`
      : `seq >= if(shim = '${PUSHED}', ${bySession}, ${byMaker})`,
    {
      makers: [...makers.keys()],
      from: [...makers.values()],
      ...(pushed.size === 0 ? {} : { pushed: [...pushed.keys()], begun: [...pushed.values()] }),
    },
  );
}

/** Rows of one session and vantage: whoever makes names up there takes the place of nobody else. */
const SOURCES_MAX = 200;

function isCut({ records }: ChainEnd): boolean {
  return Number(records) > SOURCE_TAIL_RECORDS;
}

async function noticesOf(
  connection: Connection,
  log: string,
  size: number,
  sessions: readonly string[],
): Promise<SourceNotice[]> {
  const where = Condition.below(log, size)
    .and('session IN {sessions:Array(String)}', { sessions })
    .and('kind IN {notices:Array(String)}', { notices: NOTICES })
    .and("(vantage != '' OR shim = 'sup')");
  const rows = await connection.rows<Record<keyof SourceNotice, string>>(
    `WITH ${SOURCE}
     SELECT session, vantage, ${NAME} AS name, kind, uniqExact(idx) AS count,
       argMax(if(vantage = '', t, observed), idx) AS heard, argMax(record, idx) AS newest
     FROM records WHERE ${where}
     GROUP BY session, vantage, name, kind
     ORDER BY session, vantage, name, kind LIMIT {limit:UInt64} BY session, vantage`,
    { ...where.params, limit: SOURCES_MAX },
  );
  return rows.map((row) => ({ ...row, count: Number(row.count) }));
}
