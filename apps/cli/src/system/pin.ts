/** Pins: checkpoints that an auditor keeps, as files (LOG.md §5). */
import { closeSync, openSync, writeSync } from 'node:fs';
import { ChainError, type CheckpointNote, parseCheckpointNote } from '@vitrine/chain';
import { isObject, PIN_BYTES_MAX } from '@vitrine/schema';
import { CliError, sentenceOf, systemCode } from '../error.ts';
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

/** Throws CHECKPOINT_UNTRUSTED for text that is no note of a checkpoint. */
export function checkpointOf(note: string): CheckpointNote {
  try {
    return parseCheckpointNote(note);
  } catch (cause) {
    if (!(cause instanceof ChainError)) throw cause;
    throw new CliError('CHECKPOINT_UNTRUSTED', cause.message, 'nothing was written', { cause });
  }
}

/** Never over another file: an older pin is a memory of its own. */
export function writePin(path: string, note: string): void {
  const { origin, size, root } = checkpointOf(note);
  const pin = { origin, size, root: root.toString('base64'), note };
  const fd = create(path);
  try {
    writeSync(fd, `${JSON.stringify(pin)}\n`);
  } finally {
    closeSync(fd);
  }
}

function create(path: string): number {
  try {
    return openSync(path, 'wx', 0o644);
  } catch (cause) {
    const there = systemCode(cause) === 'EEXIST';
    const message = there
      ? `${path} is there already`
      : `${path} cannot be written: ${sentenceOf(cause)}`;
    const hint = there ? 'keep it, and write the new pin beside it' : 'choose another FILE';
    throw new CliError('FILE_UNWRITABLE', message, hint, { cause });
  }
}
