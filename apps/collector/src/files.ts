/**
 * Writes that survive a power cut: the temporary file is synced before it gets its name, and the
 * directory after. Used for everything the collector keeps outside the journal and the store.
 */
import { closeSync, fsyncSync, openSync, renameSync, unlinkSync, writeSync } from 'node:fs';
import { link, open, rename, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { systemCode } from './error.ts';

const PRIVATE_MODE = 0o600;

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

/** `replaceFile`, while the thread does other things. */
export async function replaceFileLater(path: string, content: string | Buffer): Promise<void> {
  await rename(await writeTemporaryLater(path, content), path);
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
    await link(temporary, path);
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
    created = false;
  } finally {
    await unlink(temporary);
  }
  // The one that stands may be from a try whose sync of the directory failed.
  await syncDirectoryLater(dirname(path));
  return created;
}

async function syncDirectoryLater(dir: string): Promise<void> {
  const handle = await open(dir, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function writeTemporaryLater(path: string, content: string | Buffer): Promise<string> {
  const temporary = temporaryOf(path);
  const handle = await open(temporary, 'w', PRIVATE_MODE);
  try {
    // At once: `writeFile` comes back to the thread, which is busy, for each half MiB.
    const bytes = typeof content === 'string' ? Buffer.from(content, 'utf8') : content;
    let at = 0;
    while (at < bytes.length) at += (await handle.write(bytes, at)).bytesWritten;
    await handle.sync();
  } catch (error) {
    await handle.close();
    await unlink(temporary);
    throw error;
  }
  await handle.close();
  return temporary;
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
