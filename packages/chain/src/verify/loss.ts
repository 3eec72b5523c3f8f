/** Records that say that something was not recorded (LOG.md §5, step 6, `require-lossless`). */
import { isObject, type Json } from '@vitrine/schema/record';
import type { Told } from './case.ts';
import type { Loss } from './verdict.ts';

/** What a relay or a shim says of itself, in the chains they write. */
const TOLD_BY_SOURCES = ['telemetry.drop', 'telemetry.gap'];
/** What the sequencer says: only in `sup`, and in `log/audit` about a session that is closed. */
const TOLD_BY_SEQUENCER = ['gap', 'conflict', 'broken'];

/** `undefined` if the record tells of no loss. */
export function lossOf(
  place: { session: string; shim: string; chain: string },
  record: Pick<Told, 'seq' | 'kind' | 'state' | 'reason'> & { target?: Json; broken?: Json },
): Loss | undefined {
  const { session, shim, chain } = place;
  const { kind, seq } = record;
  const sequencer = shim === 'sup' || (session === 'log' && shim === 'audit');
  const told = sequencer
    ? TOLD_BY_SEQUENCER.includes(kind)
    : session !== 'log' && TOLD_BY_SOURCES.includes(kind);
  if (told) return { chain, seq, kind, what: reasonOf(record) };
  if (record.broken === true) return { chain, seq, kind, what: 'it came after a broken link' };
  const lostEnd = shim === 'sup' && kind === 'end' && record.state !== 'closed';
  if (!lostEnd) return undefined;
  const target = isObject(record.target) ? String(record.target.chain) : 'a chain';
  return { chain, seq, kind, what: `${target} was lost: ${reasonOf(record)}` };
}

function reasonOf({ reason }: { reason?: Json | undefined }): string {
  return typeof reason === 'string' ? reason : 'no reason given';
}
