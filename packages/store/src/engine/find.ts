/**
 * Which engine this machine has: the library of the platform package, or else a `clickhouse`
 * binary on PATH. Both take the same arguments.
 */
import { accessSync, constants } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { StoreError } from '../error.ts';
import { searchPath } from './config.ts';

export type EngineSource = { kind: 'library'; path: string } | { kind: 'binary'; path: string };

export interface EngineSearch {
  /** Path of a file of an installed package, `<package>/<file>`; throws when there is none. */
  resolve: (specifier: string) => string;
  /** Directories of PATH. */
  path: string[];
}

const LIBRARY_FILE = 'libchdb.so';
const BINARY_FILE = 'clickhouse';

export function machineSearch(): EngineSearch {
  return { resolve: createRequire(import.meta.url).resolve, path: searchPath() };
}

/** Name of the npm package that carries the engine of a platform. */
export function enginePackage(platform: string, arch: string): string {
  const libc = platform === 'linux' ? '-gnu' : '';
  return `@chdb/lib-${platform}-${arch}${libc}`;
}

export function findEngine(search: EngineSearch): EngineSource {
  const name = enginePackage(process.platform, process.arch);
  const library = tried(() => search.resolve(`${name}/${LIBRARY_FILE}`));
  if (library !== undefined) return { kind: 'library', path: library };
  const binary = search.path.map((dir) => join(dir, BINARY_FILE)).find(isExecutable);
  if (binary !== undefined) return { kind: 'binary', path: binary };
  throw new StoreError(
    'ENGINE_MISSING',
    `the embedded engine is not installed: there is no package ${name}`,
    `npm install with optional dependencies (${name} needs glibc on Linux), put a clickhouse ` +
      'binary on PATH, or configure a ClickHouse server',
  );
}

function tried(resolve: () => string): string | undefined {
  try {
    return resolve();
  } catch {
    return undefined;
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
