/**
 * Processes of a session as its observers saw them start, act and end. Each observer has its own
 * process numbers, so trees never reach across chains; a number that comes again after an exit is
 * another process. What a process did comes from events that name it.
 */
import { PROCESS_ARGV_MAX, PROCESS_RECORDS_MAX, VIEW_TEXT_CHARS_MAX } from '@vitrine/schema';
import type { ProcessTree } from '@vitrine/schema/api';
import type { Connection } from '../client/connection.ts';
import type { ProcessQuery } from '../view-query.ts';
import { Condition } from './condition.ts';
import { conditionOf } from './filter.ts';
import { alertedPlaces, deedsOf } from './process-counts.ts';
import { type RawProcess, treeOf } from './process-tree.ts';

const KINDS = ['process.exec', 'process.exit'];
/** Longer names are cut: something to show, not to open. */
const CUT = `${VIEW_TEXT_CHARS_MAX}`;

export async function processes(
  connection: Connection,
  query: ProcessQuery,
  max?: number,
): Promise<ProcessTree> {
  const rows = await livesOf(connection, query);
  const isCut = rows.length > PROCESS_RECORDS_MAX;
  const marks = rows.slice(0, PROCESS_RECORDS_MAX);
  const end = isCut ? Number(marks.at(-1)!.idx) + 1 : query.size;
  const [counted, alerted, of] = await Promise.all([
    deedsOf(connection, query, end, max),
    alertedPlaces(connection, query),
    isCut ? countOf(connection, query) : marks.length,
  ]);
  const { items, placedAlerts } = treeOf(marks, counted.deeds, alerted.places);
  return {
    processes: items,
    whole: !isCut && counted.whole,
    records: { events: marks.length, of },
    counted: counted.looked,
    unplaced: { egress: counted.unplaced, alerts: alerted.alerts - placedAlerts },
    alerts: alerted.alerts,
  };
}

/** By leaf, which is the order of each chain; one more than the limit where there are more. */
function livesOf(connection: Connection, query: ProcessQuery): Promise<RawProcess[]> {
  const { log, size, session } = query;
  const where = conditionOf({ ...query, kinds: KINDS }, 0, size);
  const own = Condition.below(log, size).and('session = {session:String}', { session });
  return connection.rows<RawProcess>(
    `SELECT idx, t, kind, shim, vantage, agent,
       JSONExtractInt(record, 'process', 'pid') AS pid,
       JSONExtractInt(record, 'process', 'ppid') AS ppid,
       leftUTF8(JSONExtractString(record, 'process', 'exe'), ${CUT}) AS exe,
       arrayMap(word -> leftUTF8(word, ${CUT}), arraySlice(
         JSONExtract(record, 'process', 'argv', 'Array(String)'), 1, ${PROCESS_ARGV_MAX})) AS argv,
       JSONExtract(record, 'process', 'argc', 'Nullable(Int64)') AS argc,
       JSONHas(record, 'parts', 'argv') AS argv_part,
       JSONExtract(record, 'process', 'uid', 'Nullable(Int64)') AS uid,
       JSONExtract(record, 'process', 'exit_code', 'Nullable(Int64)') AS code,
       leftUTF8(JSONExtractString(record, 'process', 'signal'), ${CUT}) AS signal
     FROM records WHERE ${own}
       AND idx IN (SELECT idx FROM records WHERE ${where}
         ORDER BY idx LIMIT 1 BY idx LIMIT {limit:UInt64})
     ORDER BY idx LIMIT 1 BY idx`,
    { ...own.params, ...where.params, limit: PROCESS_RECORDS_MAX + 1 },
  );
}

async function countOf(connection: Connection, query: ProcessQuery): Promise<number> {
  const where = conditionOf({ ...query, kinds: KINDS }, 0, query.size);
  const [row] = await connection.rows<{ records: string }>(
    `SELECT count() AS records FROM records WHERE ${where}`,
    where.params,
  );
  return Number(row!.records);
}
