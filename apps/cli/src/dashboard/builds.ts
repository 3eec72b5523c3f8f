/**
 * The builds of the dashboard in this clone: which of them is that of the sources as they are, and
 * which are in use. The usual one is `.next`; another lies beside it while that one is in use.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { processStart } from '../system/machine.ts';
import { CLONE, type Place } from './place.ts';
import { hashOfSources } from './sources.ts';

/** A build that nobody replaces before it is released, or the process has ended. */
export interface Build {
  /** Name of its folder in the dashboard's. */
  dist: string;
  release(): void;
}

const USUAL = '.next';
const BESIDE = /^\.next-[0-9a-f]{12}$/;
const HASH_CHARS = 12;
/** The hash of the sources that were built; written last, gone while a build is under way. */
const STAMP = 'vitrine-build';
/** Files of this folder are named after the processes that use the build. */
const USERS = 'vitrine-users';

let claims = 0;

/** Name of the folder with the build of these sources; `undefined` where they are not built. */
export function currentDist(place: Place = CLONE): string | undefined {
  const hash = hashOfSources(place);
  return [USUAL, besideFor(hash)].find((dist) => stampOf(place, dist) === hash);
}

/** The current build, claimed; `undefined` where there is none. */
export function claimCurrent(place: Place): Build | undefined {
  const dist = currentDist(place);
  if (dist === undefined) return undefined;
  const build = claimBuild(place, dist);
  // Between the look and the claim somebody may have begun to replace it.
  if (currentDist(place) === dist) return build;
  build.release();
  return undefined;
}

/** Where a build of these sources goes: never under the feet of a process that uses one. */
export function distFor(place: Place, hash: string): string {
  return isUsed(place, USUAL) ? besideFor(hash) : USUAL;
}

export function unstamp(place: Place, dist: string): void {
  rmSync(join(place.app, dist, STAMP), { force: true });
}

export function stamp(place: Place, dist: string, hash: string): void {
  writeFileSync(join(place.app, dist, STAMP), hash);
}

/** Removes what lies beside and is neither in use nor about to be. */
export function removeUnused(place: Place, dist: string): void {
  for (const name of readdirSync(place.app)) {
    if (!BESIDE.test(name) || name === dist || isUsed(place, name)) continue;
    rmSync(join(place.app, name), { recursive: true, force: true });
  }
}

/** Says that this process uses a build. */
export function claimBuild({ app }: Place, dist: string): Build {
  claims++;
  const dir = join(app, dist, USERS);
  const file = join(dir, `${process.pid}.${claims}`);
  try {
    mkdirSync(dir, { recursive: true });
    writeFileSync(file, processStart(process.pid) ?? '');
  } catch {
    // Someone else's clone: who may not write here may not build here either.
    return { dist, release: () => {} };
  }
  return { dist, release: () => rmSync(file, { force: true }) };
}

function isUsed({ app }: Place, dist: string): boolean {
  const dir = join(app, dist, USERS);
  const names = existsSync(dir) ? readdirSync(dir) : [];
  return names.some((name) => {
    const start = processStart(Number.parseInt(name, 10));
    return start !== undefined && readFileSync(join(dir, name), 'utf8') === start;
  });
}

function besideFor(hash: string): string {
  return `${USUAL}-${hash.slice(0, HASH_CHARS)}`;
}

function stampOf({ app }: Place, dist: string): string | undefined {
  const path = join(app, dist, STAMP);
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}
