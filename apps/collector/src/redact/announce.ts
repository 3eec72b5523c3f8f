/**
 * Writes `redact` and `expire` records: the announcement comes first, the deletion follows from it
 * (`redactor.ts`). `until` says when the last copy that is ours is gone.
 */
import type { JsonObject } from '@vitrine/schema';
import type { Journal } from '../queue/journal.ts';
import type { JournalRetention } from '../queue/retention.ts';
import type { Clock } from '../sequence/sequencer.ts';
import type { AnnouncedTarget } from './redactor.ts';

export interface AnnounceTarget {
  journal: Journal;
  journalRetention: JournalRetention;
  clock: Clock;
}

const NS_PER_MS = 1_000_000n;

/**
 * Durable when it resolves, with `until` in unix nanoseconds. The journal goes on in another file,
 * so that the one with the content grows no older than was promised. Throws QUEUE_FULL.
 */
export async function announce(
  { journal, journalRetention, clock }: AnnounceTarget,
  targets: readonly AnnouncedTarget[],
  said: { by: JsonObject; reason: string },
): Promise<string> {
  journal.rotate();
  const nowNs = clock.nowNs();
  const observed = String(nowNs);
  const until = String(BigInt(journalRetention.goneAtMs(Number(nowNs / NS_PER_MS))) * NS_PER_MS);
  await Promise.all(
    targets.map((target) => {
      const record = 'below' in target ? 'expire' : 'redact';
      const fields = { target: { ...target }, ...said, until };
      return journal.append({ kind: 'own', chain: 'audit', record, observed, fields });
    }),
  );
  return until;
}
