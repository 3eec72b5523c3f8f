/** Files a command writes for its user. */
import {
  closeSync,
  openSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { CliError, sentenceOf } from '../error.ts';

/** Evidence may hold prompts and file contents: for its owner alone. */
const PRIVATE_MODE = 0o600;

/** A whole text, in one step; throws FILE_UNWRITABLE. */
export function writeText(path: string, text: string, hint: string): void {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.part`);
  try {
    writeFileSync(temporary, text, { mode: PRIVATE_MODE });
    renameSync(temporary, path);
  } catch (cause) {
    rmSync(temporary, { force: true });
    const message = `${path} cannot be written: ${sentenceOf(cause)}`;
    throw new CliError('FILE_UNWRITABLE', message, hint, { cause });
  }
}

/**
 * Writes a stream to `path`. The file gets its name when it is complete, so that a broken transfer
 * never looks like a bundle. Resolves with the number of bytes.
 */
export async function writeWhole(
  path: string,
  bytes: AsyncIterable<Uint8Array>,
  onBytes: (total: number) => void,
): Promise<number> {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.part`);
  const fd = openToWrite(temporary);
  let total = 0;
  let complete = false;
  try {
    for await (const chunk of bytes) {
      let at = 0;
      while (at < chunk.length) at += writeSync(fd, chunk, at);
      total += chunk.length;
      onBytes(total);
    }
    complete = true;
  } finally {
    closeSync(fd);
    if (!complete) unlinkSync(temporary);
  }
  renameSync(temporary, path);
  return total;
}

function openToWrite(path: string): number {
  try {
    return openSync(path, 'w', PRIVATE_MODE);
  } catch (cause) {
    const message = `${path} cannot be written: ${sentenceOf(cause)}`;
    throw new CliError('FILE_UNWRITABLE', message, 'choose another -o FILE', { cause });
  }
}
