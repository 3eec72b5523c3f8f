/**
 * Re-derives everything a log has stored from its leaves and names what differs. Trusts the trust
 * file and the newest note; reads the store, changes nothing.
 */
import { type CheckpointNote, parseTrust } from '@vitrine/chain';
import { BATCH_RECORDS_MAX } from '@vitrine/schema';
import type { FsckProgress, FsckReport } from '@vitrine/schema/api';
import { announcements, Coverage } from '../erase/coverage.ts';
import type { RecordRow } from '../row.ts';
import type { Store } from '../store.ts';
import type { Certificate } from './certificate.ts';
import { Certifiers, threadsFree } from './certifiers.ts';
import type { EvidenceReader } from './evidence.ts';
import { Replay } from './replay.ts';
import { Findings } from './report.ts';
import { trustedNote } from './signature.ts';

export interface FsckInput {
  log: string;
  origin: string;
  /** Text of the trust file. Throws ChainError TRUST_INVALID when it is none. */
  trust: string;
  /** The newest note that was published. */
  note: string;
  /** Size of the newest published tree: what is redacted meanwhile is announced there. */
  published?: () => number;
  /** Beside this one; as many as the cores let, unless given. */
  threads?: number;
}

/** Leaves of one question, some 20 MB. */
const WINDOW_LEAVES = 32_768;

export async function fsck(
  store: Store,
  { log, origin, trust, note, published, threads }: FsckInput,
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
  const certifiers = new Certifiers(threads ?? (size > WINDOW_LEAVES ? threadsFree() : 0));
  try {
    for await (const window of certifiedWindows(pass, certifiers, size)) {
      await checkWindow(pass, window);
      onProgress({ checked: window.end, size });
    }
  } finally {
    await certifiers.close();
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

/** Where a batch ends, if the store says so: a batch is certified whole or not at all. */
async function windowEnd({ log, reader }: Pass, first: number, size: number): Promise<number> {
  const end = Math.min(size, first + WINDOW_LEAVES);
  return (await reader.sealedIn(log, first, end)) ?? end;
}

interface CertifiedWindow {
  first: number;
  end: number;
  batches: Certificate[];
}

/** In order, while those behind are read and looked through. */
async function* certifiedWindows(
  pass: Pass,
  certifiers: Certifiers,
  size: number,
): AsyncGenerator<CertifiedWindow> {
  const read = async (first: number, end: number): Promise<CertifiedWindow> => {
    const window = await pass.reader.window(pass.log, first, end);
    return { first, end, batches: await certifiers.certify(window) };
  };
  const ahead: Promise<CertifiedWindow>[] = [];
  for (let first = 0; first < size || ahead.length > 0; ) {
    while (first < size && ahead.length < certifiers.windowsMax) {
      const end = await windowEnd(pass, first, size);
      const window = read(first, end);
      // A failure is that of whoever waits for the window.
      window.catch(() => undefined);
      ahead.push(window);
      first = end;
    }
    yield await ahead.shift()!;
  }
}

async function checkWindow(pass: Pass, { first, end, batches }: CertifiedWindow): Promise<void> {
  // After the parts: what is missing of them was announced before it was deleted.
  await pass.announced();
  let next = first;
  for (const batch of batches) {
    if (next < batch.first) await judge(pass, next, batch.first);
    if (!(await pass.replay.pass(batch))) await judge(pass, batch.first, batch.end);
    next = batch.end;
  }
  if (next < end) await judge(pass, next, end);
}

/** Row by row, and says what is wrong. */
async function judge(pass: Pass, first: number, end: number): Promise<void> {
  const { log, reader, replay, findings } = pass;
  const [rows, supervised, stored] = await Promise.all([
    reader.records(log, first, end),
    reader.supervision(log, first, end),
    reader.parts(log, first, end),
  ]);
  await pass.announced();
  const supervision = new Beside(supervised);
  const parts = new Beside(stored);
  let next = first;
  let last: RecordRow | undefined;
  for (const row of rows) {
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
  for (; next < end; next++) replay.hole(next);
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
