/** Who runs the sandbox, in the words an EDR uses: host, address, machine id, process and start. */
import { readFileSync } from 'node:fs';
import { hostname, networkInterfaces, release, type, userInfo } from 'node:os';
import type { HostIdentity } from '@vitrine/schema';
import type { RunOptions } from './options.ts';

/** Field 22 of `/proc/<pid>/stat` (proc(5)), counted behind the closing bracket of the name. */
const START_TIME_FIELD = 19;

/** `process`: this one, the parent of all that runs in the sandbox. `start` is in clock ticks. */
export function hostIdentity(given: RunOptions['host'] = {}): HostIdentity {
  const ip = addressOf(outwardInterface(textOf('/proc/net/route')));
  const own = { name: hostname(), os: systemName(), ...(ip === undefined ? {} : { ip }) };
  const identity: HostIdentity = { ...own, ...given };
  const id = textOf('/etc/machine-id').trim();
  if (id !== '') identity.id = id;
  const start = startTicks(process.pid);
  identity.process = { pid: process.pid, exe: process.execPath };
  if (start !== undefined) identity.process.start = start;
  return identity;
}

/** Columns of `/proc/net/route`: interface, destination, …, metric (proc(5), route(8)). */
const METRIC_COLUMN = 6;
const EVERYWHERE = '00000000';

/** The interface of the default route; of several, the one of the lowest metric. */
export function outwardInterface(routes: string): string | undefined {
  return routes
    .split('\n')
    .slice(1)
    .map((line) => line.split(/\s+/))
    .filter(([, destination]) => destination === EVERYWHERE)
    .toSorted((a, b) => Number(a[METRIC_COLUMN]) - Number(b[METRIC_COLUMN]))[0]?.[0];
}

function addressOf(name: string | undefined): string | undefined {
  const addresses = name === undefined ? [] : (networkInterfaces()[name] ?? []);
  return addresses.find(({ family, internal }) => family === 'IPv4' && !internal)?.address;
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
