/**
 * Re-derives everything a log has stored from its leaves and names what differs. Trusts the trust
 * file and the newest note; reads the store, changes nothing.
 */
import { type CheckpointNote, parseTrust } from '@vitrine/chain';
import { BATCH_RECORDS_MAX } from '@vitrine/schema';
import { announcements, Coverage } from '../erase/coverage.ts';
import type { RecordRow } from '../row.ts';
import type { Store } from '../store.ts';
import type { EvidenceReader } from './evidence.ts';
import { Replay } from './replay.ts';
import { Findings, type FsckReport } from './report.ts';
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
}

export interface FsckProgress {
  checked: number;
  size: number;
}

/** Leaves of one question: a multiple of what a tile of level 1 spans. */
const WINDOW_LEAVES = 131_072;

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
  for (let first = 0; first < size; first += WINDOW_LEAVES) {
    const end = Math.min(size, first + WINDOW_LEAVES);
    await window(pass, first, end);
    onProgress({ checked: end, size });
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

async function window(pass: Pass, first: number, end: number): Promise<void> {
  const { log, reader, replay, findings } = pass;
  const [supervised, stored] = await Promise.all([
    reader.supervision(log, first, end),
    reader.parts(log, first, end),
  ]);
  // After the parts: what is missing of them was announced before it was deleted.
  await pass.announced();
  const supervision = Map.groupBy(supervised, ({ idx }) => idx);
  const parts = Map.groupBy(stored, ({ idx }) => idx);
  let next = first;
  let last: RecordRow | undefined;
  for await (const page of reader.records(log, first, end)) {
    for (const row of page) {
      if (row.idx === last?.idx) {
        findings.add('records', row.idx, 'idx', 'one row', copyText(last, row));
        continue;
      }
      for (; next < row.idx; next++) replay.hole(next);
      const { idx } = row;
      const beside = { supervision: supervision.get(idx) ?? [], parts: parts.get(idx) ?? [] };
      if (replay.take(row, beside)) await replay.seal(row);
      next = idx + 1;
      last = row;
    }
  }
  for (; next < end; next++) replay.hole(next);
}

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

function judgeNewest(
  newest: CheckpointNote<Buffer> | undefined,
  replay: Replay,
  findings: Findings,
): void {
  if (newest === undefined) return;
  if (replay.unsealed > 0) {
    findings.add('note', newest.size, 'size', 'a tree that ends in a seal', 'another leaf');
  } else if (!replay.root().equals(newest.root)) {
    findings.add('note', newest.size, 'root', newest.root, replay.root());
  }
}
