/** The only file of the command line that reads the environment. */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** Where a command looks for the system when `--data` is not given. */
export function defaultDataDir(): string {
  return process.env.VITRINE_DATA ?? '.vitrine';
}

/** Where things are kept that can be fetched again (XDG Base Directory Specification). */
export function cacheDir(): string {
  const base = process.env.XDG_CACHE_HOME;
  // A relative path there is to be ignored, the specification says.
  const dir = base?.startsWith('/') ? base : join(homedir(), '.cache');
  return join(dir, 'vitrine');
}

/** Directories that programs are looked for in. */
export function searchPath(): string[] {
  return (process.env.PATH ?? '').split(':').filter((dir) => dir !== '');
}

/** The environment for a child process, with changes. */
export function childEnvironment(changes: Record<string, string>): NodeJS.ProcessEnv {
  return { ...process.env, ...changes };
}

export function absoluteDataDir(dir: string | undefined): string {
  return resolve(dir ?? defaultDataDir());
}
