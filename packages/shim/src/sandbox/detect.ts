/**
 * What this machine has of the tools that `run` stands on. Tried, not guessed: user namespaces are
 * switched off in many places, and only a sandbox that starts shows that one can.
 */
import { spawnSync } from 'node:child_process';

export interface Machine {
  /** bubblewrap starts a sandbox here. */
  bwrap: boolean;
  /** strace traces a process here. */
  strace: boolean;
  absent: { source: string; reason: string }[];
  /**
   * The one line that installs what is missing; empty when nothing is, or when it would not help.
   */
  install: string;
}

export interface Probe {
  found: boolean;
  ok: boolean;
  /** First line of what it complained about. */
  says: string;
}

const PROBE_MS_MAX = 10_000;
const PROGRAM = '/bin/true';
const BWRAP_PROBE = ['--unshare-all', '--cap-drop', 'ALL', '--ro-bind', '/', '/', PROGRAM];
const STRACE_PROBE = ['-f', '-o', '/dev/null', '-e', 'trace=execve', PROGRAM];

/** `run` is an argument so that a test can show every kind of machine. */
export function detectMachine(run: (program: string, args: string[]) => Probe = probe): Machine {
  const bwrap = run('bwrap', BWRAP_PROBE);
  const strace = run('strace', STRACE_PROBE);
  const absent: Machine['absent'] = [];
  if (!bwrap.ok) absent.push({ source: 'sandbox', reason: reasonOf('bubblewrap', bwrap) });
  if (!strace.ok) absent.push({ source: 'strace', reason: reasonOf('strace', strace) });
  const missing = [...(bwrap.found ? [] : ['bubblewrap']), ...(strace.found ? [] : ['strace'])];
  const install = missing.length === 0 ? '' : `sudo apt-get install -y ${missing.join(' ')}`;
  return { bwrap: bwrap.ok, strace: strace.ok, absent, install };
}

function probe(program: string, args: string[]): Probe {
  const done = spawnSync(program, args, {
    timeout: PROBE_MS_MAX,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const found = (done.error as NodeJS.ErrnoException | undefined)?.code !== 'ENOENT';
  const says = done.stderr?.toString().trim().split('\n')[0] ?? '';
  return { found, ok: done.status === 0, says };
}

function reasonOf(name: string, { found, says }: Probe): string {
  if (!found) return `${name} is not installed`;
  return `${name} does not work here${says === '' ? '' : ` (${says})`}`;
}
