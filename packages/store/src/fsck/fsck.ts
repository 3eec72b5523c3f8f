/**
 * Re-derives everything a log has stored from its leaves and names what differs. Trusts the trust
 * file and the newest note; reads the store, changes nothing.
 */
import { type CheckpointNote, parseTrust } from '@vitrine/chain';
import { BATCH_RECORDS_MAX } from '@vitrine/schema';
import { announcements, Coverage } from '../erase/coverage.ts';
import type { RecordRow, SupervisionRow } from '../row.ts';
import type { Store } from '../store.ts';
import type { EvidenceReader, PartDigest } from './evidence.ts';
import { Replay } from './replay.ts';
import { Findings, type FsckReport } from './report.ts';
import { trustedNote } from './signature.ts';
import type { StoredRow } from './stored.ts';

export interface FsckInput {
  log: string;
  origin: string;
  /** Text of the trust file. Throws ChainError TRUST_INVALID when it is none. */
  trust: string;
  /** The newest note that was published. */
  note: string;
  /** Size of the newest published tree: what is redacted meanwhile is announced there. */
  published?: () => number;
}

export interface FsckProgress {
  checked: number;
  size: number;
}

/** Leaves of one question: what a tile of level 1 spans. Two are in memory, some 60 MB each. */
const WINDOW_LEAVES = 65_536;

export async function fsck(
  store: Store,
  { log, origin, trust, note, published }: FsckInput,
  { onProgress }: { onProgress: (progress: FsckProgress) => void },
): Promise<FsckReport> {
  const findings = new Findings();
  const keys = parseTrust(trust);
  const newest = trustedNote({ origin, note }, keys, findings);
  const size = newest?.size ?? 0;
  const reader = store.evidence;
  const coverage = new Coverage();
  const replay = new Replay({ reader, log, origin, trust: keys, coverage, findings });
  const pass = {
    log,
    reader,
    replay,
    findings,
    announced: announcements(store, log, coverage, () => Math.max(size, published?.() ?? 0)),
  };
  // The engine reads the next window while this one is checked.
  let ahead = size > 0 ? readWindow(pass, 0, size) : undefined;
  while (ahead !== undefined) {
    const window: Window = await ahead;
    ahead = window.end < size ? readWindow(pass, window.end, size) : undefined;
    await checkWindow(pass, window);
    onProgress({ checked: window.end, size });
  }
  await replay.checkpoints.close();
  await nameBeyond(pass, () => Math.max(size, published?.() ?? 0));
  judgeNewest(newest, replay, findings);
  return {
    ok: findings.total === 0,
    pass: 'whole',
    log,
    origin,
    size,
    records: replay.size,
    parts: replay.parts.present,
    checkpoints: replay.checkpoints.count,
    findings: findings.list,
    findingsTotal: findings.total,
    missingParts: replay.parts.missing,
    missingTotal: replay.parts.missingTotal,
    uncoveredTotal: replay.parts.uncoveredTotal,
  };
}

interface Pass {
  log: string;
  reader: EvidenceReader;
  replay: Replay;
  findings: Findings;
  announced: () => Promise<void>;
}

interface Window {
  first: number;
  end: number;
  rows: StoredRow[];
  supervised: SupervisionRow[];
  parts: PartDigest[];
}

/** A failure is that of whoever waits for the window. */
function readWindow({ log, reader }: Pass, first: number, size: number): Promise<Window> {
  const end = Math.min(size, first + WINDOW_LEAVES);
  const read = async (): Promise<Window> => {
    const [rows, supervised, parts] = await Promise.all([
      reader.records(log, first, end),
      reader.supervision(log, first, end),
      reader.parts(log, first, end),
    ]);
    return { first, end, rows, supervised, parts };
  };
  const window = read();
  window.catch(() => undefined);
  return window;
}

async function checkWindow(pass: Pass, window: Window): Promise<void> {
  const { replay, findings } = pass;
  // After the parts: what is missing of them was announced before it was deleted.
  await pass.announced();
  const supervision = new Beside(window.supervised);
  const parts = new Beside(window.parts);
  let next = window.first;
  let last: RecordRow | undefined;
  for (const row of window.rows) {
    const { idx } = row;
    if (idx === last?.idx) {
      findings.add('records', idx, 'idx', 'one row', copyText(last, row));
      continue;
    }
    for (; next < idx; next++) replay.hole(next);
    const beside = { supervision: supervision.of(idx), parts: parts.of(idx) };
    if (replay.take(row, beside)) await replay.seal(row);
    next = idx + 1;
    last = row;
  }
  for (; next < window.end; next++) replay.hole(next);
}

/** Rows in order of index, asked for in that order. */
class Beside<T extends { idx: number }> {
  readonly #rows: readonly T[];
  #at = 0;

  constructor(rows: readonly T[]) {
    this.#rows = rows;
  }

  of(idx: number): T[] {
    const rows = this.#rows;
    while (this.#at < rows.length && rows[this.#at]!.idx < idx) this.#at++;
    const first = this.#at;
    while (this.#at < rows.length && rows[this.#at]!.idx === idx) this.#at++;
    return this.#at === first ? (NOTHING as T[]) : rows.slice(first, this.#at);
  }
}

const NOTHING: unknown[] = [];

/**
 * Rows that no tree has, which nothing shows and a later batch would meet. A batch that is being
 * committed has rows beyond the newest note: one at a time, with its admit records and alerts.
 */
async function nameBeyond({ log, reader, findings }: Pass, published: () => number): Promise<void> {
  const size = published() + 2 * BATCH_RECORDS_MAX;
  for (const { table, place } of await reader.beyond(log, size)) {
    findings.add(table, place, 'idx', `no row beyond a tree of ${published()}`, 'a row');
  }
}

function copyText(a: RecordRow, b: RecordRow): string {
  return JSON.stringify(a) === JSON.stringify(b) ? 'a second, equal one' : 'a second, other one';
}

function judgeNewest(newest: CheckpointNote | undefined, replay: Replay, findings: Findings): void {
  if (newest === undefined) return;
  if (replay.unsealed > 0) {
    findings.add('note', newest.size, 'size', 'a tree that ends in a seal', 'another leaf');
  } else if (!replay.root().equals(newest.root)) {
    findings.add('note', newest.size, 'root', newest.root, replay.root());
  }
}
