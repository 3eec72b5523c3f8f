/** The query string of event lists: `kind`, `vantage`, `q` (a query), `after`, `limit`, `order`. */
import { API_PAGE_BYTES_MAX, API_PAGE_DEFAULT, isVantage } from '@vitrine/schema';
import type { EventPage } from '@vitrine/schema/api';
import { fixTimes, parseQuery, type Query } from '@vitrine/schema/query';
import type { EventFilter, RecordRow, SearchPage } from '@vitrine/store';
import type { Context } from './context.ts';
import { ApiError } from './errors.ts';
import { Turns } from './turns.ts';

export function eventFilter(
  context: Context,
  { log, size }: Pick<EventFilter, 'log' | 'size'>,
  session: string | undefined,
): EventFilter {
  const order = context.query('order') ?? 'asc';
  if (order !== 'asc' && order !== 'desc') {
    throw new ApiError('BAD_REQUEST', 'order must be asc or desc');
  }
  const vantage = context.query('vantage');
  if (vantage !== undefined && !vantage.split(',').every(isVantage)) {
    throw new ApiError('BAD_REQUEST', 'vantage must be agent, guest, boundary or host');
  }
  return {
    log,
    size,
    order,
    limit: context.limit(),
    ...(session === undefined ? {} : { session }),
    ...given('kinds', listOf(context.query('kind'))),
    ...given('vantages', listOf(vantage)),
    ...given('query', queryOf(context) ?? undefined),
    ...given('after', context.integer('after', order === 'asc' ? -1 : 0, Number.MAX_SAFE_INTEGER)),
  };
}

/** `q=`, with the time that `now` is; QUERY_… says what is wrong with it, and where. */
function queryOf(context: Context): Query {
  const query = parseQuery(context.query('q') ?? '');
  return fixTimes(query, context.system.clock.nowNs());
}

/** A page before it is said of which published size it is. */
export type PageRead<Item> = Omit<EventPage<Item>, 'size'>;

/** Rows of which the first read of a page is: as many as a page has where nobody says how many. */
const FIRST_ROWS = API_PAGE_DEFAULT;
/** A read that takes longer is not followed by another one for the same page. */
const QUICK_MS = 1_000;

/**
 * The rows of a page, in two reads at most: a thousand of the longest records are sixteen times
 * what a page holds. `asked` is how many there would be if there were more.
 */
export async function readPage(
  filter: EventFilter,
  read: (filter: EventFilter) => Promise<SearchPage>,
): Promise<SearchPage & { asked: EventFilter }> {
  const first = Math.min(filter.limit, FIRST_ROWS);
  const began = performance.now();
  const page = await read({ ...filter, limit: first });
  const { rows, stopped } = page;
  const bytes = rows.reduce((sum, { record }) => sum + record.length, 0);
  const isSlow = performance.now() - began > QUICK_MS;
  const isAll = first === filter.limit || rows.length < first || stopped !== undefined;
  if (isAll || isSlow || bytes > API_PAGE_BYTES_MAX) {
    return { ...page, asked: { ...filter, limit: first } };
  }
  const fit = Math.ceil((API_PAGE_BYTES_MAX - bytes) / (bytes / first)) + 1;
  const limit = Math.min(filter.limit - first, fit);
  const rest = await read({ ...filter, limit, after: rows.at(-1)!.idx });
  return { ...rest, rows: rows.concat(rest.rows), asked: { ...filter, limit: first + limit } };
}

/**
 * The items of one page, and the index to continue from; `null` on the last page. A page of long
 * records ends early, never before its first one. Lets others have the thread between its rows: in
 * another tool's dialect, some records take 20 ms.
 */
export async function pageOf<Item>(
  rows: readonly RecordRow[],
  { limit }: EventFilter,
  itemOf: (row: RecordRow) => Item,
): Promise<PageRead<Item>> {
  let bytes = 0;
  const items: Item[] = [];
  const turns = new Turns();
  for (const row of rows) {
    bytes += row.record.length;
    if (items.length > 0 && bytes > API_PAGE_BYTES_MAX) break;
    items.push(itemOf(row));
    await turns.next();
  }
  const more = items.length < rows.length || rows.length === limit;
  return { items, cursor: more ? rows[items.length - 1]!.idx : null };
}

/** As `pageOf`; `partial` where the time was over before the page was full. */
export async function searchedOf<Item>(
  { rows, stopped }: SearchPage,
  filter: EventFilter,
  itemOf: (row: RecordRow) => Item,
): Promise<PageRead<Item>> {
  const page = await pageOf(rows, filter, itemOf);
  if (stopped === undefined || page.items.length < rows.length) return page;
  return { ...page, cursor: stopped, partial: true, code: 'READ_TIMEOUT' };
}

function listOf(text: string | undefined): string[] | undefined {
  return text === undefined || text === '' ? undefined : text.split(',');
}

function given<K extends string, V>(name: K, value: V | undefined): { [k in K]?: V } {
  return value === undefined ? {} : ({ [name]: value } as { [k in K]?: V });
}
