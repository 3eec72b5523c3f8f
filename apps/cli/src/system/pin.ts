/** What an auditor kept: pins as files (LOG.md §5). */
import { isObject, PIN_BYTES_MAX } from '@vitrine/schema';
import { CliError } from '../error.ts';
import { readTextFile } from './data-dir.ts';

/** The note a pin holds; whether it may be believed is the verifier's question. */
export function pinnedNote(path: string): string {
  const text = readTextFile(path);
  try {
    const pin: unknown = text.length > PIN_BYTES_MAX ? undefined : JSON.parse(text);
    if (isObject(pin) && typeof pin.note === 'string') return pin.note;
  } catch {
    // Said below, as for any other file.
  }
  const hint = 'a pin is written by npx --no vitrine checkpoint --pin FILE';
  throw new CliError('FILE_UNREADABLE', `${path} is no pin`, hint);
}
