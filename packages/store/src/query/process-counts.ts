/**
 * What the processes of a session did, summed between the records that tell of their lives: whose
 * each sum is, `processes.ts` says, which knows when a number came again.
 */
import { PROCESS_ALERTS_MAX, PROCESS_RECORDS_MAX } from '@vitrine/schema';
import type { Looked, ProcessItem } from '@vitrine/schema/api';
import type { Connection } from '../client/connection.ts';
import type { ProcessQuery } from '../view-query.ts';
import { EGRESS_KINDS } from './egress.ts';
import { FILE_CLASS, FILE_KINDS } from './files.ts';
import { conditionOf } from './filter.ts';
import { boundOf } from './looked.ts';

/** Kinds that a process is counted by; of answers and errors the request is counted. */
const COUNTED = [
  ...FILE_KINDS,
  ...EGRESS_KINDS.filter((kind) => !/\.(response|error)$/.test(kind)),
  'syscall',
  'dns.query',
];
const MARKS = ['process.exec', 'process.exit'];
const FILE = `JSONExtract(record, 'file', 'Tuple(errno String, delete_equivalent String)') AS f`;
const PID = "JSONExtractInt(record, 'process', 'pid')";

/** Sums of one number of one observer between two records of its lives. */
export interface Deeds {
  shim: string;
  vantage: ProcessItem['vantage'];
  pid: number;
  ppid: number;
  exe: string;
  /** Leaf and time of the first of these events. */
  idx: number;
  t: string;
  reads: number;
  writes: number;
  deletes: number;
  denied: number;
  egress: number;
  agents: string[];
}

type RawDeeds = Record<Exclude<keyof Deeds, 'agents' | 'vantage'>, string> &
  Pick<Deeds, 'agents' | 'vantage'>;

export interface Counted {
  deeds: Deeds[];
  /** Connections and requests that name no process. */
  unplaced: number;
  /** Whether all numbers are there. */
  whole: boolean;
  looked: Looked;
}

/** `end`: the leaf before which the records of lives were looked at. */
export async function deedsOf(
  connection: Connection,
  query: ProcessQuery,
  end: number,
  max?: number,
): Promise<Counted> {
  const { size } = query;
  const filter = { ...query, kinds: COUNTED };
  const seen = conditionOf(filter, 0, end);
  const bound = await boundOf(connection, seen, end, max === undefined ? {} : { max });
  const events = conditionOf(filter, 0, bound.end);
  const marks = conditionOf({ ...query, kinds: MARKS }, 0, Math.min(size, bound.end));
  const params = { ...events.params, kinds: COUNTED, marks: MARKS };
  const rows = await connection.rows<RawDeeds>(
    `WITH ${FILE}, ${FILE_CLASS} AS class
     SELECT e.shim AS shim, any(e.vantage) AS vantage, e.pid AS pid, max(e.ppid) AS ppid,
       argMin(e.exe, e.idx) AS exe, min(e.idx) AS idx, argMin(e.t, e.idx) AS t,
       countIf(what = 'read') AS reads, countIf(what = 'write') AS writes,
       countIf(what = 'delete') AS deletes, countIf(what = 'denied') AS denied,
       countIf(what = 'egress') AS egress,
       arraySort(groupUniqArrayIf(8)(e.agent, e.agent != '')) AS agents
     FROM (
       SELECT idx, t, shim, vantage, agent, ${PID} AS pid,
         JSONExtractInt(record, 'process', 'ppid') AS ppid,
         leftUTF8(JSONExtractString(record, 'process', 'exe'), 1024) AS exe,
         multiIf(startsWith(kind, 'file.'), class, kind IN ('syscall', 'dns.query'), 'seen',
           JSONExtractString(record, 'tunnel', 'phase') = 'close', 'seen', 'egress') AS what
       FROM records WHERE ${events}) AS e
     ASOF LEFT JOIN (
       SELECT shim, ${PID} AS pid, idx AS mark FROM records
       WHERE ${String(marks).replace('{kinds:', '{marks:')}) AS m
     ON e.shim = m.shim AND e.pid = m.pid AND e.idx >= m.mark
     GROUP BY e.shim, e.pid, m.mark ORDER BY idx LIMIT {limit:UInt64}`,
    { ...params, limit: PROCESS_RECORDS_MAX + 1 },
  );
  const deeds = rows.slice(0, PROCESS_RECORDS_MAX).map(numbersOf);
  const placed = deeds.filter(({ pid }) => pid > 0);
  const unplaced = deeds.filter(({ pid }) => pid <= 0).reduce((sum, { egress }) => sum + egress, 0);
  const whole = rows.length <= PROCESS_RECORDS_MAX;
  return { deeds: placed, unplaced, whole, looked: bound.looked };
}

function numbersOf(raw: RawDeeds): Deeds {
  const { shim, vantage, exe, t, agents } = raw;
  return {
    ...{ shim, vantage, exe, t, agents },
    pid: Number(raw.pid),
    ppid: Number(raw.ppid),
    idx: Number(raw.idx),
    reads: Number(raw.reads),
    writes: Number(raw.writes),
    deletes: Number(raw.deletes),
    denied: Number(raw.denied),
    egress: Number(raw.egress),
  };
}

/** A record that an alert of the session rests on, and whose process it names. */
export interface AlertedPlace {
  /** Leaf of the alert. */
  alert: number;
  idx: number;
  shim: string;
  pid: number;
}

export async function alertedPlaces(
  connection: Connection,
  { log, size, session }: ProcessQuery,
): Promise<{ places: AlertedPlace[]; alerts: number }> {
  const alerts = conditionOf({ log, size, session: 'log', kinds: ['alert'] }, 0, size).and(
    'subject = {subject:String}',
    { subject: session },
  );
  const found = await connection.rows<{ idx: string; leaves: string[] }>(
    `SELECT idx, arrayFilter(leaf -> leaf < {size:UInt64}, arrayMap(one -> one.index,
       JSONExtract(record, 'evidence', 'Array(Tuple(index UInt64))'))) AS leaves
     FROM records WHERE ${alerts} ORDER BY idx DESC LIMIT 1 BY idx LIMIT {limit:UInt64}`,
    { ...alerts.params, limit: PROCESS_ALERTS_MAX },
  );
  const leaves = [...new Set(found.flatMap((alert) => alert.leaves.map(Number)))];
  const rows = await connection.rowsOfList<{ idx: string; shim: string; pid: string }>(
    `SELECT idx, shim, ${PID} AS pid FROM records
     WHERE ${conditionOf({ log, size, session }, 0, size)} AND idx IN {leaves:Array(UInt64)}
     LIMIT 1 BY idx`,
    conditionOf({ log, size, session }, 0, size).params,
    'leaves',
    leaves,
  );
  const byLeaf = new Map(rows.map(({ idx, shim, pid }) => [Number(idx), { shim, pid }]));
  const places = found.flatMap(({ idx: alert, leaves: rests }) =>
    rests.map(Number).flatMap((idx): AlertedPlace[] => {
      const row = byLeaf.get(idx);
      if (row === undefined || Number(row.pid) <= 0) return [];
      return [{ alert: Number(alert), idx, shim: row.shim, pid: Number(row.pid) }];
    }),
  );
  return { places, alerts: found.length };
}
