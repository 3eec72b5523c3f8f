/** Lists of records by leaf index, and one record. */
import { QUERY_SECONDS_MAX, SEARCH_CHARS_MAX } from '@vitrine/schema';
import type { Connection } from '../client/connection.ts';
import { readTimeout } from '../client/failure.ts';
import { StoreError } from '../error.ts';
import type { EventFilter, RecordRow } from '../row.ts';
import { type RawRecord, RECORD_SELECT, recordOf } from './columns.ts';
import { Condition } from './condition.ts';
import { conditionOf, ownSession } from './filter.ts';

/** A question about all sessions is asked of so many leaves first, then of ever more. */
const WINDOW_LEAVES_FIRST = 16_384;
const WINDOW_GROWTH = 8;
const MS_PER_S = 1_000;

/** Records of a filter in order of index, one for each index. */
export async function events(connection: Connection, filter: EventFilter): Promise<RecordRow[]> {
  if ((filter.text?.length ?? 0) > SEARCH_CHARS_MAX) {
    const hint = `search for at most ${SEARCH_CHARS_MAX} characters`;
    throw new StoreError('READ_TOO_LARGE', 'the search text is too long', hint);
  }
  const span = spanOf(filter);
  if (ownSession(filter) !== undefined)
    return eventsBetween(connection, filter, span, filter.limit);
  return eventsByWindow(connection, filter, span);
}

interface Span {
  first: number;
  end: number;
}

function spanOf({ order, after, size }: EventFilter): Span {
  if (after === undefined) return { first: 0, end: size };
  return order === 'asc'
    ? { first: after + 1, end: size }
    : { first: 0, end: Math.min(after, size) };
}

/**
 * Walks the leaves from the cursor on: the newest events of a log of millions are found without
 * looking at the others. All its questions together have the time of one.
 */
async function eventsByWindow(
  connection: Connection,
  filter: EventFilter,
  span: Span,
): Promise<RecordRow[]> {
  const found: RecordRow[] = [];
  const deadline = performance.now() + QUERY_SECONDS_MAX * MS_PER_S;
  let rest = span;
  let leaves = Math.max(WINDOW_LEAVES_FIRST, filter.limit);
  while (rest.first < rest.end && found.length < filter.limit) {
    const [window, later] = cut(rest, leaves, filter.order);
    const limit = filter.limit - found.length;
    const secondsLeft = Math.ceil((deadline - performance.now()) / MS_PER_S);
    if (secondsLeft <= 0) throw readTimeout();
    found.push(...(await eventsBetween(connection, filter, window, limit, secondsLeft)));
    rest = later;
    leaves *= WINDOW_GROWTH;
  }
  return found;
}

function cut({ first, end }: Span, leaves: number, order: 'asc' | 'desc'): [Span, Span] {
  if (order === 'asc') {
    const middle = Math.min(end, first + leaves);
    return [
      { first, end: middle },
      { first: middle, end },
    ];
  }
  const middle = Math.max(first, end - leaves);
  return [
    { first: middle, end },
    { first, end: middle },
  ];
}

/** The inner question reads indices only; texts are read for the rows of the page alone. */
async function eventsBetween(
  connection: Connection,
  filter: EventFilter,
  { first, end }: Span,
  limit: number,
  secondsMax = QUERY_SECONDS_MAX,
): Promise<RecordRow[]> {
  const where = conditionOf(filter, first, end);
  const order = filter.order === 'asc' ? 'ASC' : 'DESC';
  const rows = await connection.rows<RawRecord>(
    `SELECT ${RECORD_SELECT} FROM records
     WHERE ${rangeOf(filter)} AND idx IN (
       SELECT idx FROM records WHERE ${where}
       ORDER BY idx ${order} LIMIT 1 BY idx LIMIT {limit:UInt64})
     ORDER BY idx ${order} LIMIT 1 BY idx`,
    { ...where.params, limit },
    { max_execution_time: secondsMax },
  );
  return rows.map(recordOf);
}

/** What narrows the outer question to the parts of the table the inner one has looked at. */
function rangeOf(filter: EventFilter): string {
  const session = ownSession(filter) === undefined ? '' : ' AND session = {session:String}';
  return (
    'tenant = {tenant:String} AND log = {log:String} AND ' +
    `idx >= {first:UInt64} AND idx < {end:UInt64}${session}`
  );
}

export async function record(
  connection: Connection,
  log: string,
  size: number,
  idx: number,
): Promise<RecordRow | undefined> {
  const where = Condition.below(log, size).and('idx = {idx:UInt64}', { idx });
  const [raw] = await connection.rows<RawRecord>(
    `SELECT ${RECORD_SELECT} FROM records WHERE ${where} LIMIT 1`,
    where.params,
  );
  return raw === undefined ? undefined : recordOf(raw);
}
