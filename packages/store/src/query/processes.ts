/**
 * Processes of a session as its observers saw them start and end. Each observer has its own process
 * numbers, so trees never reach across chains; a number that comes again after an exit is another
 * process.
 */
import { PROCESS_RECORDS_MAX } from '@vitrine/schema';
import type { Connection } from '../client/connection.ts';
import type { ProcessItem, ProcessQuery, ProcessTree } from '../row.ts';
import { conditionOf } from './filter.ts';

const EXEC = 'process.exec';
/** Longer paths are cut: a name to show, not one to open. */
const EXE_CHARS_MAX = 1_024;

interface RawProcess {
  idx: string;
  t: string;
  kind: string;
  shim: string;
  vantage: string;
  pid: string;
  ppid: string;
  exe: string;
  code: string | null;
  signal: string;
}

export async function processes(connection: Connection, query: ProcessQuery): Promise<ProcessTree> {
  const filter = { ...query, kinds: [EXEC, 'process.exit'] };
  const where = conditionOf(filter, 0, query.size);
  const rows = await connection.rows<RawProcess>(
    `SELECT idx, t, kind, shim, vantage,
       JSONExtractInt(record, 'process', 'pid') AS pid,
       JSONExtractInt(record, 'process', 'ppid') AS ppid,
       leftUTF8(JSONExtractString(record, 'process', 'exe'), ${EXE_CHARS_MAX}) AS exe,
       JSONExtract(record, 'process', 'exit_code', 'Nullable(Int64)') AS code,
       leftUTF8(JSONExtractString(record, 'process', 'signal'), ${EXE_CHARS_MAX}) AS signal
     FROM records
     WHERE tenant = {tenant:String} AND log = {log:String} AND session = {session:String}
       AND idx IN (SELECT idx FROM records WHERE ${where}
         ORDER BY idx LIMIT 1 BY idx LIMIT {limit:UInt64})
     ORDER BY idx LIMIT 1 BY idx`,
    { ...where.params, limit: PROCESS_RECORDS_MAX + 1 },
  );
  const whole = rows.length <= PROCESS_RECORDS_MAX;
  return { processes: treeOf(rows.slice(0, PROCESS_RECORDS_MAX)), whole };
}

function treeOf(rows: readonly RawProcess[]): ProcessItem[] {
  const items: ProcessItem[] = [];
  const living = new Map<string, ProcessItem>();
  for (const row of rows) {
    const key = `${row.shim}/${row.pid}`;
    const known = living.get(key);
    if (row.kind !== EXEC) {
      // An exit without an exec: it ran before anybody looked, or was forked and never executed.
      const ended = known ?? begin(items, row, living.get(`${row.shim}/${row.ppid}`));
      ended.exit = exitOf(row);
      living.delete(key);
    } else if (known === undefined) {
      const item = begin(items, row, living.get(`${row.shim}/${row.ppid}`));
      item.execs = 1;
      living.set(key, item);
    } else {
      known.exe = row.exe;
      known.execs++;
    }
  }
  countDescendants(items);
  return items;
}

function begin(
  items: ProcessItem[],
  row: RawProcess,
  parent: ProcessItem | undefined,
): ProcessItem {
  const item: ProcessItem = {
    n: items.length,
    parent: parent?.n ?? null,
    index: Number(row.idx),
    t: row.t,
    shim: row.shim,
    vantage: row.vantage,
    pid: Number(row.pid),
    ppid: Number(row.ppid),
    exe: row.exe,
    execs: 0,
    exit: null,
    children: 0,
    descendants: 0,
  };
  items.push(item);
  return item;
}

function exitOf({ idx, t, code, signal }: RawProcess): ProcessItem['exit'] {
  return {
    index: Number(idx),
    t,
    code: code === null ? null : Number(code),
    signal: signal === '' ? null : signal,
  };
}

/** A parent stands before its children. */
function countDescendants(items: readonly ProcessItem[]): void {
  for (const item of items.toReversed()) {
    const parent = item.parent === null ? undefined : items[item.parent];
    if (parent === undefined) continue;
    parent.children++;
    parent.descendants += item.descendants + 1;
  }
}
