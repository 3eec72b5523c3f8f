/** What a build of the dashboard is made from, as one hash: another hash, another build. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Place } from './place.ts';

/** Beside the dashboard itself: the packages it bundles, and the versions of everybody else's. */
const BUNDLED = ['packages/schema', 'packages/chain'];
const VERSIONS = ['package-lock.json', 'tsconfig.base.json'];
/** Folders that tools fill, and files that no build reads. */
const NOT_READ = /^(node_modules|dist|\.next.*|next-env\.d\.ts|.*\.tsbuildinfo|.*\.test\.tsx?)$/;
/** Say nothing to a build, and Next rewrites them. */
const TYPES = /^tsconfig.*\.json$/;

/** SHA-256, hex, over the paths and contents of all files. */
export function hashOfSources({ root, app }: Place): string {
  const folders = [app, ...BUNDLED.map((folder) => join(root, folder))];
  const files = [...folders.flatMap(filesUnder), ...VERSIONS.map((name) => join(root, name))];
  const hash = createHash('sha256');
  for (const file of files.toSorted()) {
    const content = createHash('sha256').update(readFileSync(file)).digest('hex');
    hash.update(`${relative(root, file)} ${content}\n`);
  }
  return hash.digest('hex');
}

function filesUnder(dir: string): string[] {
  return readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    if (NOT_READ.test(entry.name) || TYPES.test(entry.name)) return [];
    const path = join(dir, entry.name);
    return entry.isDirectory() ? filesUnder(path) : [path];
  });
}
