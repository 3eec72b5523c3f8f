/** Rule files of files and folders, as detection takes them. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { RuleFile } from '@vitrine/detect';
import { CliError } from '../error.ts';
import { readTextFile } from './data-dir.ts';

/** A folder of this name holds streams for testing the rules beside it, not rules. */
export const STREAMS = 'streams';

export interface RuleFiles {
  files: RuleFile[];
  /** Where a file of that name is; its name where that is not known. */
  pathOf: (name: string) => string;
}

/** Of several paths; of a folder with its name in it, of a file its base name. */
export function readRulePaths(paths: readonly string[]): RuleFiles {
  const found = paths.flatMap((path) => {
    const folder = statSync(path, { throwIfNoEntry: false })?.isFile() ? dirname(path) : path;
    return readRuleFiles(path).map((file) => ({ file, path: join(folder, file.name) }));
  });
  const places = new Map(found.map(({ file, path }) => [file.name, path]));
  return { files: found.map(({ file }) => file), pathOf: (name) => places.get(name) ?? name };
}

/** Every `.yml` and `.yaml` below `dir`, by path; or the one file that `dir` is. */
export function readRuleFiles(dir: string): RuleFile[] {
  if (!existsSync(dir)) {
    const hint = 'give the directory or a file: npx --no vitrine rules lint PATH';
    throw new CliError('FILE_UNREADABLE', `there is no ${dir}`, hint);
  }
  if (statSync(dir).isFile()) return [{ name: basename(dir), text: readTextFile(dir) }];
  return readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.ya?ml$/.test(name) && !name.split('/').includes(STREAMS))
    .toSorted()
    .map((name) => ({ name, text: readTextFile(join(dir, name)) }));
}
