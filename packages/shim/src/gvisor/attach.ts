/**
 * A sandbox that runs already: its session is made anew, for a sentry whose sink went away does not
 * connect again by itself. What it dropped meanwhile it has counted.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ShimError } from '../error.ts';
import { REATTACHED } from './adapter.ts';

export interface Running {
  /** Name of the container. */
  container: string;
  /** `--root` of its runsc; the default when it is left out. */
  root?: string;
  /** What `--pod-init-config` would name. */
  session: unknown;
}

const DROPPED = /"Default"\s+Sink: "remote", dropped: (\d+)/;

/** The frame that tells the adapter of it. Throws PROCESS_FAILED. */
export function attach({ container, root, session }: Running): Buffer {
  const own = root === undefined ? [] : [`--root=${root}`];
  const trace = (...args: string[]): string => {
    return execFileSync('runsc', [...own, 'trace', ...args, container], { encoding: 'utf8' });
  };
  const dir = mkdtempSync(join(tmpdir(), 'vitrine-gvisor-'));
  try {
    const dropped = DROPPED.exec(trace('list'))?.[1];
    if (dropped !== undefined) trace('delete', '--name', 'Default');
    writeFileSync(join(dir, 'session.json'), JSON.stringify(session), { mode: 0o600 });
    trace('create', '--config', join(dir, 'session.json'));
    return frameOf(Number(dropped ?? 0));
  } catch (cause) {
    const message = `the sandbox ${container} cannot be attached to`;
    throw new ShimError('PROCESS_FAILED', message, 'is it running, under this --root?', { cause });
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

const UINT32_MAX = 0xffff_ffff;

/** Framed as `sink.pl` frames: length, letter, number. */
function frameOf(dropped: number): Buffer {
  const frame = Buffer.alloc(9);
  frame.writeUInt32LE(5);
  frame.write(REATTACHED, 4);
  frame.writeUInt32LE(Math.min(dropped, UINT32_MAX), 5);
  return frame;
}
