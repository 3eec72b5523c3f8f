/**
 * Files that a session touched: one row for each path as it was asked for and each vantage that saw
 * it. Counts are of events of kind `file.*`; what was refused is counted as refused alone.
 */
import { EVENT_KINDS, VIEW_NAMES_MAX, VIEW_TEXT_CHARS_MAX } from '@vitrine/schema';
import type { FileItem, FileOp, FileSort, Files, Names } from '@vitrine/schema/api';
import type { Connection } from '../client/connection.ts';
import type { FileQuery } from '../view-query.ts';
import { conditionOf } from './filter.ts';
import { boundOf } from './looked.ts';

export const FILE_KINDS: string[] = [...EVENT_KINDS].filter((kind) => kind.startsWith('file.'));

const FILE = `JSONExtract(record, 'file', 'Tuple(path String, real_path String, mount_mode String,
  errno String, delete_equivalent String)') AS f`;
const PROCESS = `JSONExtract(record, 'process', 'Tuple(pid Int64, exe String)') AS p`;
/** How each event is counted, once: as the first of these that holds. */
export const FILE_CLASS = `multiIf(f.errno != '', 'denied',
  kind = 'file.delete' OR f.delete_equivalent != '', 'delete', kind = 'file.read', 'read',
  kind IN ('file.write', 'file.create', 'file.truncate'), 'write', 'other')`;

const SORTS: Record<FileSort, string> = {
  path: 'whole',
  reads: 'reads',
  writes: 'writes',
  deletes: 'deletes',
  denied: 'denied',
  first: 'first_t',
  last: 'last_t',
};

const OPS: Record<FileOp, string> = {
  read: 'reads > 0',
  write: 'writes > 0',
  delete: 'deletes > 0',
  denied: 'denied > 0',
  other: 'other > 0',
};

interface RawFile extends Omit<FileItem, 'real' | 'processes' | 'agents'> {
  reals: string[];
  reals_of: string;
  doers: string[];
  doers_of: string;
  by: string[];
  by_of: string;
  rows_of: string;
}

export async function files(
  connection: Connection,
  query: FileQuery,
  max?: number,
): Promise<Files> {
  const { log, size, session, vantages } = query;
  const filter = { log, size, session, kinds: FILE_KINDS, ...(vantages ? { vantages } : {}) };
  const seen = conditionOf(filter, 0, size);
  const { first, end, looked } = await boundOf(connection, seen, size, max ? { max } : {});
  const where = conditionOf(filter, first, end);
  const rows = await connection.rows<RawFile>(
    `WITH ${FILE}, ${PROCESS}, ${FILE_CLASS} AS class,
       if(f.real_path != f.path, f.real_path, '') AS real_path
     SELECT * EXCEPT (whole), count() OVER () AS rows_of FROM (
       SELECT vantage, f.path AS whole, leftUTF8(whole, ${VIEW_TEXT_CHARS_MAX}) AS path,
         lengthUTF8(whole) AS chars,
         ${sample(`leftUTF8(real_path, ${VIEW_TEXT_CHARS_MAX})`, "real_path != ''")} AS reals,
         uniqExactIf(real_path, real_path != '') AS reals_of,
         countIf(class = 'read') AS reads, countIf(class = 'write') AS writes,
         countIf(class = 'delete') AS deletes, countIf(class = 'denied') AS denied,
         countIf(class = 'other') AS other,
         arraySort(groupUniqArrayIf(3)(f.mount_mode, f.mount_mode != '')) AS modes,
         ${sample(DOER, 'p.pid > 0')} AS doers, uniqExactIf(${DOER}, p.pid > 0) AS doers_of,
         ${sample('agent', "agent != ''")} AS by, uniqExactIf(agent, agent != '') AS by_of,
         min(t) AS first_t, max(t) AS last_t, min(idx) AS first, max(idx) AS last,
         ${reaches(query)} AS wanted
       FROM records WHERE ${where} GROUP BY vantage, whole)
     WHERE ${wantedOf(query)}
     ORDER BY ${SORTS[query.sort ?? 'path']} ${query.order === 'desc' ? 'DESC' : 'ASC'},
       whole, vantage LIMIT {limit:UInt64}`,
    { ...where.params, limit: query.limit, text: query.text ?? '', mode: query.mode ?? '' },
  );
  return { items: rows.map(itemOf), of: Number(rows[0]?.rows_of ?? 0), looked };
}

const DOER = `leftUTF8(concat(shim, '/', toString(p.pid), ' ', p.exe), ${VIEW_TEXT_CHARS_MAX})`;

/** A few different values, sorted. */
export function sample(value: string, when: string): string {
  return `arraySort(groupUniqArrayIf(${VIEW_NAMES_MAX})(${value}, ${when}))`;
}

/** Whether the text is in the path or in any place it led to. */
function reaches({ text }: FileQuery): string {
  if (text === undefined) return 'true';
  return `max(positionCaseInsensitiveUTF8(f.path, {text:String}) > 0
    OR positionCaseInsensitiveUTF8(f.real_path, {text:String}) > 0)`;
}

function wantedOf({ op, mode }: FileQuery): string {
  const terms = ['wanted'];
  if (op !== undefined) terms.push(OPS[op]);
  if (mode !== undefined) terms.push('has(modes, {mode:String})');
  return terms.join(' AND ');
}

function itemOf(raw: RawFile): FileItem {
  const { vantage, path, modes, first_t, last_t } = raw;
  return {
    vantage,
    path,
    chars: Number(raw.chars),
    real: namesOf(raw.reals, raw.reals_of),
    reads: Number(raw.reads),
    writes: Number(raw.writes),
    deletes: Number(raw.deletes),
    denied: Number(raw.denied),
    other: Number(raw.other),
    modes,
    processes: namesOf(raw.doers, raw.doers_of),
    agents: namesOf(raw.by, raw.by_of),
    first_t,
    last_t,
    first: Number(raw.first),
    last: Number(raw.last),
  };
}

export function namesOf(names: string[], of: string): Names {
  return { names, of: Number(of) };
}
