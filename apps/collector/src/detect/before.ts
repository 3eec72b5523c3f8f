/**
 * What a thread of detection has to be told before it reads on in the middle of a log, read from
 * the store: which sessions there are, and the rows that rules about two records compare with.
 */
import { canonicalBytes } from '@vitrine/chain';
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
export function openRow(log: string, { session, opened }: OpenSession): LooseRow {
  const fields = { ...opened, kind: 'open', session };
  return primeRow(log, session, String(canonicalBytes(fields)));
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
  for await (const rows of rowsBetween(reader, first, position)) found.push(...rows);
  return found;
}

/** Rows [from, to) in pieces, of which detection has read all before. */
export async function* rowsBetween(
  { store, log }: LogReader,
  from: number,
  to: number,
): AsyncGenerator<LooseRow[]> {
  for (let after = from - 1; after < to - 1; ) {
    const limit = Math.min(DETECT_PAGE_ROWS, to - 1 - after);
    const rows = await store.events({ log, size: to, order: 'asc', limit, after });
    yield rows.filter(isRead);
    if (rows.length < limit) return;
    after = rows.at(-1)!.idx;
  }
}

/**
 * Rows from `from` on and where they end: a page at least, and whole batches, so that nothing waits
 * for the `open` of a session where reading pauses. `size` ends a batch.
 */
export async function batchesFrom(
  { store, log }: LogReader,
  from: number,
  size: number,
): Promise<{ rows: RecordRow[]; to: number }> {
  const filter = { log, size, order: 'asc' as const, limit: DETECT_PAGE_ROWS };
  const rows: RecordRow[] = [];
  for (;;) {
    const page = await store.events({ ...filter, after: rows.at(-1)?.idx ?? from - 1 });
    rows.push(...page);
    if (page.length < DETECT_PAGE_ROWS) return { rows, to: size };
    const seal = rows.findLastIndex(({ kind }) => kind === 'seal');
    if (seal >= 0) return { rows: rows.slice(0, seal + 1), to: rows[seal]!.idx + 1 };
  }
}

export interface SessionReader extends LogReader {
  /** Those of the writer: what it is about to close is not among them, and not read as closed. */
  sessions: () => Iterable<OpenSession>;
}

/**
 * The `open` of each session that is not among `sessions` and was open at `position`, or has been
 * since: it has closed before `size`, or the batch with its `close` is on its way.
 */
export async function closedSince(
  { store, log, sessions }: SessionReader,
  position: number,
  size: number,
): Promise<LooseRow[]> {
  const filter = { log, size, order: 'asc' as const, kinds: ['close'] };
  const known = new Set(Array.from(sessions(), ({ session }) => session));
  const open = await store.openSessions(log, size);
  const names = open.filter((session) => !known.has(session));
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
    .map(({ session, record }) => primeRow(log, session, record));
}

function primeRow(log: string, session: string, record: string): LooseRow {
  const place = { log, idx: -1, leaf: NO_LEAF, shim: SUPERVISOR_SHIM, vantage: '' };
  return { ...place, session, kind: 'open', record };
}
