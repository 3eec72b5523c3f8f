/** What is said of a part that is not there any more: by whose record, when, and why. */
import type { GonePart } from '@vitrine/schema/api';
import { dateTimeText } from '../../lib/time.ts';

const WORDS = { redact: 'Redacted', expire: 'Expired' } as const;

export function goneText(log: string, part: GonePart): string {
  const { by, index, reason = '', t } = part;
  if (by === 'unknown') return 'Missing, and no record of the log says why: run vitrine fsck.';
  const when = t === undefined ? '' : ` ${dateTimeText(t)}`;
  const why = reason === '' ? '' : `: ${reason}`;
  return `${WORDS[by]}${when}${why} (record ${log}/${index})`;
}
