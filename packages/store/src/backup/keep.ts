/** Files of the data directory in a backup: by their hash, so that none is ever written over. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { writeFile } from './file.ts';
import { type KeptFile, keptName } from './manifest.ts';

export interface GivenFile {
  /** Path below the data directory, with `/`. */
  path: string;
  content: Buffer;
}

export function keepFiles(dir: string, given: readonly GivenFile[]): KeptFile[] {
  return given.map(({ path, content }) => {
    const sha256 = createHash('sha256').update(content).digest('hex');
    const file = { path, sha256, bytes: content.length };
    const target = join(dir, keptName(file));
    if (!existsSync(target)) writeFile(target, content);
    return file;
  });
}
