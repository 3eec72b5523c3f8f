/** Files of the data directory in a backup: by their hash, so that none is ever written over. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFile } from './file.ts';
import { damaged, type KeptFile, keptName } from './manifest.ts';

export interface GivenFile {
  /** Path below the data directory, with `/`. */
  path: string;
  content: Buffer;
}

export function keepFiles(dir: string, given: readonly GivenFile[]): KeptFile[] {
  return given.map(({ path, content }) => {
    const file = { path, sha256: hashOf(content), bytes: content.length };
    const target = join(dir, keptName(file));
    if (!existsSync(target)) writeFile(target, content);
    return file;
  });
}

/** What the manifest says of it, or BACKUP_DAMAGED. */
export function readKept(dir: string, file: KeptFile): Buffer {
  const path = join(dir, keptName(file));
  if (!existsSync(path)) throw damaged(`${path} (${file.path}) is missing`);
  const content = readFileSync(path);
  if (hashOf(content) !== file.sha256) throw damaged(`${path} (${file.path}) was changed`);
  return content;
}

function hashOf(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
