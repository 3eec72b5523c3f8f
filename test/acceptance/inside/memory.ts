/** The memory of another process as its owner can read it (proc(5): `maps`, `mem`). */
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';

/** Mapped files without writes hold no secret of the process; huge reserved ranges are empty. */
const WRITABLE = /^([0-9a-f]+)-([0-9a-f]+) rw..\s/;
const READ_BYTES = 16 * 1024 * 1024;

/** Which of the byte strings are somewhere in the memory of `pid`, by name. */
export function foundInMemory(pid: number, wanted: Record<string, Buffer>): string[] {
  const found = new Set<string>();
  const memory = openSync(`/proc/${pid}/mem`, 'r');
  // One longest needle of overlap, so that nothing hides on the border of two reads.
  const overlap = Math.max(...Object.values(wanted).map((bytes) => bytes.length)) - 1;
  const room = Buffer.alloc(READ_BYTES);
  try {
    for (const line of readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n')) {
      const [, from, to] = WRITABLE.exec(line) ?? [];
      if (from === undefined) continue;
      const end = Number.parseInt(to!, 16);
      for (let at = Number.parseInt(from, 16); at < end; at += READ_BYTES - overlap) {
        const page = room.subarray(0, readAt(memory, room, at, Math.min(READ_BYTES, end - at)));
        for (const [name, bytes] of Object.entries(wanted)) {
          if (page.includes(bytes)) found.add(name);
        }
      }
    }
  } finally {
    closeSync(memory);
  }
  return [...found].sort();
}

/** Ranges that are reserved and not there answer with an error: 0 bytes. */
function readAt(fd: number, room: Buffer, at: number, length: number): number {
  try {
    return readSync(fd, room, 0, length, at);
  } catch {
    return 0;
  }
}
