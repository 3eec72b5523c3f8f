/**
 * Writes that survive a power cut: the temporary file is synced before it gets its name, and the
 * directory after. Used for everything the collector keeps outside the journal and the store.
 */
import {
  closeSync,
  fsync,
  fsyncSync,
  linkSync,
  openSync,
  renameSync,
  unlinkSync,
  write,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { systemCode } from './error.ts';

const PRIVATE_MODE = 0o600;
/** What the kernel copies sooner than a thread is woken. */
const WRITTEN_AT_ONCE_BYTES_MAX = 65_536;
const fsyncLater = promisify(fsync);
const writeLater = promisify(write);

/** Writes or replaces a file. */
export function replaceFile(path: string, content: string | Buffer): void {
  const temporary = writeTemporary(path, content);
  renameSync(temporary, path);
  syncDirectory(dirname(path));
}

export function syncDirectory(dir: string): void {
  const fd = openSync(dir, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/**
 * `replaceFile`, while the thread does other things. Only what waits for the disk leaves it: to
 * come back to a busy thread takes longer than to open, name or close a file.
 */
export async function replaceFileLater(path: string, content: string | Buffer): Promise<void> {
  renameSync(await writeTemporaryLater(path, content), path);
  await syncDirectoryLater(dirname(path));
}

/**
 * Creates a file that must not exist, while the thread does other things; `false`, and nothing
 * changed, when it does.
 */
export async function createFileLater(path: string, content: string | Buffer): Promise<boolean> {
  const temporary = await writeTemporaryLater(path, content);
  let created = true;
  try {
    linkSync(temporary, path);
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
    created = false;
  } finally {
    unlinkSync(temporary);
  }
  // The one that stands may be from a try whose sync of the directory failed.
  await syncDirectoryLater(dirname(path));
  return created;
}

async function syncDirectoryLater(dir: string): Promise<void> {
  const fd = openSync(dir, 'r');
  try {
    await fsyncLater(fd);
  } finally {
    closeSync(fd);
  }
}

async function writeTemporaryLater(path: string, content: string | Buffer): Promise<string> {
  const temporary = temporaryOf(path);
  const fd = openSync(temporary, 'w', PRIVATE_MODE);
  try {
    // At once: `writeFile` comes back to the thread, which is busy, for each half MiB.
    const bytes = typeof content === 'string' ? Buffer.from(content, 'utf8') : content;
    for (let at = 0; at < bytes.length; ) at += await writeSome(fd, bytes, at);
    await fsyncLater(fd);
  } catch (error) {
    closeSync(fd);
    unlinkSync(temporary);
    throw error;
  }
  closeSync(fd);
  return temporary;
}

function writeSome(fd: number, bytes: Buffer, at: number): number | Promise<number> {
  if (bytes.length <= WRITTEN_AT_ONCE_BYTES_MAX) return writeSync(fd, bytes, at);
  return writeLater(fd, bytes, at).then(({ bytesWritten }) => bytesWritten);
}

let serial = 0;

function temporaryOf(path: string): string {
  return join(dirname(path), `.${basename(path)}.${process.pid}.${serial++}.tmp`);
}

function writeTemporary(path: string, content: string | Buffer): string {
  const temporary = temporaryOf(path);
  const fd = openSync(temporary, 'w', PRIVATE_MODE);
  try {
    const bytes = typeof content === 'string' ? Buffer.from(content, 'utf8') : content;
    let at = 0;
    while (at < bytes.length) at += writeSync(fd, bytes, at);
    fsyncSync(fd);
  } catch (error) {
    closeSync(fd);
    unlinkSync(temporary);
    throw error;
  }
  closeSync(fd);
  return temporary;
}
