/** Who runs the sandbox, in the words an EDR uses: host, machine id, process and its start. */
import { readFileSync } from 'node:fs';
import { hostname, release, type, userInfo } from 'node:os';
import type { HostIdentity } from '@vitrine/schema';
import type { RunOptions } from './options.ts';

/** Field 22 of `/proc/<pid>/stat` (proc(5)), counted behind the closing bracket of the name. */
const START_TIME_FIELD = 19;

/** `process`: this one, the parent of all that runs in the sandbox. `start` is in clock ticks. */
export function hostIdentity(given: RunOptions['host'] = {}): HostIdentity {
  const identity: HostIdentity = { name: hostname(), os: systemName(), ...given };
  const id = textOf('/etc/machine-id').trim();
  if (id !== '') identity.id = id;
  const start = startTicks(process.pid);
  identity.process = { pid: process.pid, exe: process.execPath };
  if (start !== undefined) identity.process.start = start;
  return identity;
}

export function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? 'unknown');
  }
}

function systemName(): string {
  const pretty = /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(textOf('/etc/os-release'))?.[1];
  const kernel = `${type()} ${release()}`;
  return pretty === undefined ? kernel : `${pretty}, ${kernel}`;
}

function startTicks(pid: number): string | undefined {
  const stat = textOf(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[START_TIME_FIELD];
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
