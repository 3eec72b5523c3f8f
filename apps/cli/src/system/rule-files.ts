/** Rule files of a directory, as detection takes them. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { RuleFile } from '@vitrine/detect';
import { CliError } from '../error.ts';
import { readTextFile } from './data-dir.ts';

/** Every `.yml` and `.yaml` below `dir`, by path. */
export function readRuleFiles(dir: string): RuleFile[] {
  if (!existsSync(dir)) {
    const hint = 'give the directory: npx --no vitrine rules lint DIR';
    throw new CliError('FILE_UNREADABLE', `there is no ${dir}`, hint);
  }
  return readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.ya?ml$/.test(name))
    .toSorted()
    .map((name) => ({ name, text: readTextFile(join(dir, name)) }));
}
