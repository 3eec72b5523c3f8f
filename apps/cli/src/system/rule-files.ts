/** Rule files of a directory, as detection takes them. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { RuleFile } from '@vitrine/detect';
import { CliError } from '../error.ts';
import { readTextFile } from './data-dir.ts';

/** Every `.yml` and `.yaml` below `dir`, by path; or the one file that `dir` is. */
export function readRuleFiles(dir: string): RuleFile[] {
  if (!existsSync(dir)) {
    const hint = 'give the directory or a file: npx --no vitrine rules lint PATH';
    throw new CliError('FILE_UNREADABLE', `there is no ${dir}`, hint);
  }
  if (statSync(dir).isFile()) return [{ name: basename(dir), text: readTextFile(dir) }];
  return readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.ya?ml$/.test(name))
    .toSorted()
    .map((name) => ({ name, text: readTextFile(join(dir, name)) }));
}
