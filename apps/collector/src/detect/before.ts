/**
 * What a thread of detection has to be told before it reads on in the middle of a log, read from
 * the store: which sessions there are, and the rows that rules about two records still compare with.
 */
import { DETECT_PAGE_ROWS, DETECT_REPLAY_MS, DETECT_REPLAY_ROWS_MAX } from '@vitrine/schema';
import type { RecordRow, Store } from '@vitrine/store';
import { type OpenSession, OWN_SESSION, SUPERVISOR_SHIM } from '../sequence/state.ts';
import type { LooseRow } from './rows.ts';

const REPLAY_NS = BigInt(DETECT_REPLAY_MS) * 1_000_000n;
/** Of a row that only tells about its session. */
const NO_LEAF = Buffer.alloc(32);

export interface LogReader {
  store: Store;
  log: string;
}

/**
 * Detection reads what happened in sessions, not what the log says of itself (LOG.md §2); a seal
 * tells it that a batch is whole.
 */
export function isRead(row: RecordRow): boolean {
  return row.session !== OWN_SESSION || row.kind === 'seal';
}

/** Rows that tell what a session is, before any other of it. */
export function openRow({ session, opened }: OpenSession): LooseRow {
  return primeRow(session, JSON.stringify({ ...opened, kind: 'open', session }));
}

/**
 * What was read shortly before `position`: rules that compare two records remember the first, and a
 * silence that began before a restart lasts.
 */
export async function rowsBefore(reader: LogReader, position: number): Promise<LooseRow[]> {
  const { store, log } = reader;
  const end = position === 0 ? undefined : await store.record(log, position, position - 1);
  if (end === undefined) return [];
  const sinceNs = BigInt(end.observed === '0' ? end.t : end.observed) - REPLAY_NS;
  const size = await store.sizeBefore(log, position, sinceNs);
  const first = Math.max(size, position - DETECT_REPLAY_ROWS_MAX);
  const found: LooseRow[] = [];
  for (let after = first - 1; after < position - 1; ) {
    const limit = Math.min(DETECT_PAGE_ROWS, position - 1 - after);
    const filter = { log, size: position, order: 'asc' as const, limit, after };
    const rows = await store.events(filter);
    found.push(...rows.filter(isRead));
    if (rows.length < limit) break;
    after = rows.at(-1)!.idx;
  }
  return found;
}

/** The `open` of each session that has closed between `position` and `size`. */
export async function closedSince(
  { store, log }: LogReader,
  position: number,
  size: number,
): Promise<LooseRow[]> {
  const filter = { log, size, order: 'asc' as const, kinds: ['close'] };
  const names: string[] = [];
  for (let after = position - 1; ; ) {
    const rows = await store.events({ ...filter, limit: DETECT_PAGE_ROWS, after });
    names.push(...rows.filter((r) => r.shim === SUPERVISOR_SHIM).map((r) => r.session));
    if (rows.length < DETECT_PAGE_ROWS) break;
    after = rows.at(-1)!.idx;
  }
  if (names.length === 0) return [];
  const supervised = await store.supervision(log, size, names);
  return supervised
    .filter(({ kind }) => kind === 'open')
    .map(({ session, record }) => primeRow(session, record));
}

function primeRow(session: string, record: string): LooseRow {
  const place = { log: '', idx: -1, leaf: NO_LEAF, shim: SUPERVISOR_SHIM, vantage: '' };
  return { ...place, session, kind: 'open', record };
}
