/**
 * The repository as someone gets it: cloned, with nothing installed. Its packages are installed by
 * the first command, or, to save the minute, lent by the checkout that the tests run in.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { REPOSITORY } from './collector-process.ts';
import { userEnvironment } from './program.ts';

const MODULES = join(REPOSITORY, 'node_modules');
/** Links into the workspaces: each checkout has its own. */
const WORKSPACES = '@vitrine';
const LEFT_BEHIND = ['.git', '.next', '.vitrine', 'dist', 'node_modules'];

/** Of the newest commit; where git is missing, a copy of the files. */
export function freshClone(dir: string): void {
  const args = ['clone', '--quiet', REPOSITORY, dir];
  if (spawnSync('git', args, { env: userEnvironment(), stdio: 'ignore' }).status === 0) return;
  const filter = (path: string): boolean => !LEFT_BEHIND.includes(basename(path));
  cpSync(REPOSITORY.replace(/\/$/, ''), dir, { recursive: true, filter });
}

/** Whether a test should let the first command install what is missing. */
export function isInstallTested(): boolean {
  return process.env.VITRINE_ACCEPTANCE_INSTALL === '1' || process.env.CI !== undefined;
}

export function lendPackages(dir: string): void {
  const modules = join(dir, 'node_modules');
  mkdirSync(modules);
  for (const name of readdirSync(MODULES)) {
    if (name !== WORKSPACES) symlinkSync(join(MODULES, name), join(modules, name));
  }
  cpSync(join(MODULES, WORKSPACES), join(modules, WORKSPACES), {
    recursive: true,
    verbatimSymlinks: true,
  });
}

/** A directory for PATH that has all programs of this machine but some. */
export function programsWithout(dir: string, missing: string[]): string {
  mkdirSync(dir);
  const path = userEnvironment().PATH ?? '';
  for (const folder of path.split(':').filter((name) => existsSync(name))) {
    for (const name of readdirSync(folder)) {
      const at = join(dir, name);
      if (!missing.includes(name) && !existsSync(at)) symlinkSync(join(folder, name), at);
    }
  }
  return dir;
}
