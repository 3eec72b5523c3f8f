/**
 * What the log has at the places that a page repeats, where its tip alone cannot tell: read before
 * the page is applied, so that other bytes at any place become a `conflict` (LOG.md §2).
 */
import type { Store } from '@vitrine/store';
import type { Entry, PageEntry } from '../queue/entry.ts';
import type { BatchDraft } from './draft.ts';
import { shimOf } from './state.ts';

/** Leaf hashes by `seq`. */
export type Standing = ReadonlyMap<number, Buffer>;

/** Where a page overlaps what its chain has; `undefined` where it does not. */
export function repeatsOf(
  draft: BatchDraft,
  entry: PageEntry,
): { first: number; count: number } | undefined {
  const tip = draft.state.tips.get(entry.chain);
  const first = entry.records[0] === undefined ? undefined : seqOf(entry.records[0].bytes);
  if (tip === undefined || first === undefined || first < 0 || first > tip.seq) return undefined;
  return { first, count: Math.min(tip.seq - first + 1, entry.records.length) };
}

/** Whether `standingAt` has to be asked: rarely, for a page is repeated only after a crash. */
export function isRepeat(draft: BatchDraft, entry: Entry): entry is PageEntry {
  return entry.kind === 'page' && repeatsOf(draft, entry) !== undefined;
}

/** Rejects with StoreError. */
export async function standingAt(
  draft: BatchDraft,
  entry: PageEntry,
  store: Pick<Store, 'chainRecords'>,
): Promise<Standing> {
  const standing = new Map<number, Buffer>();
  const repeats = repeatsOf(draft, entry);
  if (repeats === undefined) return standing;
  const { session, chain } = entry;
  const shim = shimOf(session, chain);
  const { log, lastSeal } = draft.state;
  const { first, count } = repeats;
  const size = lastSeal?.size ?? 0;
  const rows = await store.chainRecords(log, size, session, shim, first - 1, count);
  for (const { seq, leaf } of rows) standing.set(seq, leaf);
  for (const { seq, leaf } of draft.chains.get(chain) ?? []) standing.set(seq, leaf);
  return standing;
}

function seqOf(bytes: Buffer): number | undefined {
  try {
    const seq = (JSON.parse(bytes.toString('utf8')) as { seq?: unknown } | null)?.seq;
    return typeof seq === 'number' && Number.isSafeInteger(seq) ? seq : undefined;
  } catch {
    return undefined;
  }
}
