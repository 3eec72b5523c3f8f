/**
 * The name under which a session id from outside is known to the log (LOG.md §1, last paragraph).
 */
import { FIELD_CHARS_MAX, SESSION_CHARS_MAX } from '@vitrine/schema';
import { sha256 } from '../hash/node.ts';
import { isName } from '../verify/form.ts';

export interface SessionName {
  session: string;
  /** What the source said, where that is not the name; cut to FIELD_CHARS_MAX characters. */
  original?: string;
}

const RESERVED_NAME = 'log';
const RENAMED_PREFIX = 'x-';
const HASH_DIGITS = 32;
/** The form of a later life (LOG.md §2): only the sequencer gives it. */
const LATER_LIFE = /:[0-9]+$/;

export function sessionName(raw: string): SessionName {
  if (isUsable(raw)) return { session: raw };
  const digits = sha256(Buffer.from(raw)).toString('hex').slice(0, HASH_DIGITS);
  const original = raw.slice(0, FIELD_CHARS_MAX).toWellFormed();
  return { session: `${RENAMED_PREFIX}${digits}`, original };
}

function isUsable(raw: string): boolean {
  if (raw.length > SESSION_CHARS_MAX || !isName(raw)) return false;
  return raw !== RESERVED_NAME && !raw.startsWith(RENAMED_PREFIX) && !LATER_LIFE.test(raw);
}
