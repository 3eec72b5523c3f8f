/** Writing to a file until it has everything, and what is said when it cannot. */
import type { FileHandle } from 'node:fs/promises';
import { CollectorError, systemCode } from '../error.ts';

/**
 * Writes all of it and returns how many bytes that were. A disk that fills up takes a part first:
 * it says why only when it is given the rest.
 */
export async function writeWhole(file: FileHandle, frames: Buffer[], at: number): Promise<number> {
  const bytes = frames.reduce((sum, frame) => sum + frame.length, 0);
  let { bytesWritten: done } = await file.writev(frames, at);
  if (done === bytes) return bytes;
  const whole = Buffer.concat(frames, bytes);
  while (done < bytes) {
    const { bytesWritten } = await file.write(whole, done, bytes - done, at + done);
    if (bytesWritten === 0) throw new Error(`wrote ${done} of ${bytes} bytes`);
    done += bytesWritten;
  }
  return bytes;
}

export function unwritable(dir: string, cause: unknown): CollectorError {
  const code = systemCode(cause) ?? 'unknown';
  const hint =
    code === 'ENOSPC'
      ? 'free space on that file system; senders are told to try again meanwhile'
      : 'check the file system; senders are told to try again meanwhile';
  const message = `cannot write to ${dir} (${code}); nothing of this request was kept`;
  return new CollectorError('JOURNAL_UNWRITABLE', message, hint, { cause });
}
