/** Writing to a file until it has everything. */
import type { FileHandle } from 'node:fs/promises';

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
