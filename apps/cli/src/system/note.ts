/** Notes of checkpoints, read, and kept as pins (LOG.md §5); for commands that load the chain. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { ChainError, type CheckpointNote, parseCheckpointNote } from '@vitrine/chain';
import { CliError, sentenceOf, systemCode } from '../error.ts';

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
