/**
 * Writes `redact` and `expire` records: the announcement comes first, the deletion follows from it
 * (`redactor.ts`). `until` says when the last copy that is ours is gone.
 */
import { type JsonObject, SEAL_IDLE_CLOSED_MS } from '@vitrine/schema';
import { backupKeepMs, type Config } from '../config.ts';
import type { Journal } from '../queue/journal.ts';
import type { JournalRetention } from '../queue/retention.ts';
import type { Clock } from '../sequence/sequencer.ts';
import type { AnnouncedTarget } from './redactor.ts';

export interface AnnounceTarget {
  journal: Journal;
  journalRetention: JournalRetention;
  clock: Clock;
  config: Pick<Config, 'backup'>;
}

const NS_PER_MS = 1_000_000n;

/**
 * Durable when it resolves, with `until` in unix nanoseconds. The journal goes on in another file,
 * so that the one with the content grows no older than was promised. Throws QUEUE_FULL.
 */
export async function announce(
  { journal, journalRetention, clock, config }: AnnounceTarget,
  targets: readonly AnnouncedTarget[],
  said: { by: JsonObject; reason: string },
): Promise<string> {
  journal.rotate();
  const nowNs = clock.nowNs();
  const observed = String(nowNs);
  const nowMs = Number(nowNs / NS_PER_MS);
  const untilMs = Math.max(journalRetention.goneAtMs(nowMs), backupsGoneAtMs(nowMs, config));
  const until = String(BigInt(untilMs) * NS_PER_MS);
  await Promise.all(
    targets.map((target) => {
      const record = 'below' in target ? 'expire' : 'redact';
      const fields = { target: { ...target }, ...said, until };
      return journal.append({ kind: 'own', chain: 'audit', record, observed, fields });
    }),
  );
  return until;
}

/** Batches that wait for a backup go at the first seal after their time. */
function backupsGoneAtMs(nowMs: number, config: AnnounceTarget['config']): number {
  const keepMs = backupKeepMs(config);
  return keepMs === 0 ? 0 : nowMs + keepMs + SEAL_IDLE_CLOSED_MS;
}
