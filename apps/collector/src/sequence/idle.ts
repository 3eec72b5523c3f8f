/**
 * Closes pushed sessions that have fallen silent: nobody else says when they are over (LOG.md §2).
 */
import { BATCH_INPUT_RECORDS_MAX, SESSION_IDLE_MS } from '@vitrine/schema';
import { applyEntry } from './apply.ts';
import type { BatchDraft } from './draft.ts';

const NS_PER_MS = 1_000_000n;

/** As many as the batch has room for: the next one goes on. */
export function closeIdle(
  draft: BatchDraft,
  nowNs: bigint,
  recordsMax: number = BATCH_INPUT_RECORDS_MAX,
): void {
  const limitNs = BigInt(SESSION_IDLE_MS) * NS_PER_MS;
  for (const open of [...draft.state.sessions.values()]) {
    if (draft.count >= recordsMax) return;
    if (!open.pushed || nowNs - open.lastAtNs < limitNs) continue;
    const { session } = open;
    applyEntry(draft, { kind: 'close', session, reason: 'idle', observed: String(nowNs) });
  }
}
