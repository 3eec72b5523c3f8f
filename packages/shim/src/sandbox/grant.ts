/**
 * What of the host's files a session gets: checked before anything is mounted. Paths are made real
 * first, so that a grant means what it says.
 */
import { realpathSync, statSync } from 'node:fs';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import type { Grant } from '@vitrine/schema';
import { ShimError, systemCode } from '../error.ts';

export interface GrantRequest {
  workspace: string;
  ro: string[];
  rw: string[];
  /** Writable, and what is in it is meant to stay: told of, not prevented. */
  rwNoDelete?: string[];
  /** Host directories that must not be visible inside, whatever is granted around them. */
  hidden: string[];
}

export interface CheckedGrants {
  workspace: string;
  /** Outer directories before what lies in them; the workspace is among them. */
  grants: Grant[];
  /** Hidden directories that lie in a grant: something must be mounted over them. */
  masked: string[];
}

/** Throws GRANT_INVALID. */
export function checkGrants(request: GrantRequest): CheckedGrants {
  const workspace = realDirectory(request.workspace);
  const wanted = new Map<string, Grant['mode']>();
  for (const path of request.ro) wanted.set(realDirectory(path), 'ro');
  for (const path of request.rw) wanted.set(realDirectory(path), 'rw');
  wanted.set(workspace, 'rw');
  for (const path of request.rwNoDelete ?? []) wanted.set(realDirectory(path), 'rw_no_delete');
  const grants = [...wanted]
    .map(([path, mode]) => ({ path, mode }))
    .toSorted((a, b) => depth(a.path) - depth(b.path));
  const hidden = request.hidden.map((path) => existingPath(path)).filter((path) => path !== '');
  for (const { path } of grants) {
    if (path === '/' || path.startsWith('/proc') || path.startsWith('/dev')) {
      const hint = 'grant the directory that is needed, not what holds the machine together';
      throw new ShimError('GRANT_INVALID', `${path} cannot be granted`, hint);
    }
    const within = hidden.find((secret) => isWithin(path, secret));
    if (within !== undefined) {
      const hint = 'it holds keys and sockets of the audit itself';
      throw new ShimError('GRANT_INVALID', `${path} lies in ${within}, which stays hidden`, hint);
    }
  }
  const masked = hidden.filter((secret) => grants.some(({ path }) => isWithin(secret, path)));
  return { workspace, grants, masked };
}

/** True for the directory itself too. */
export function isWithin(path: string, directory: string): boolean {
  const way = relative(directory, path);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}

function realDirectory(path: string): string {
  try {
    const real = realpathSync(resolve(path));
    if (statSync(real).isDirectory()) return real;
  } catch (cause) {
    const message = `${path}: ${systemCode(cause) ?? 'cannot be read'}`;
    throw new ShimError('GRANT_INVALID', message, 'grant a directory that exists', { cause });
  }
  throw new ShimError('GRANT_INVALID', `${path} is no directory`, 'grant the directory it is in');
}

function existingPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return '';
  }
}

function depth(path: string): number {
  return path.split(sep).length;
}
