/** Processes as the kernel tells of them in `/proc` (proc(5)). */
import { readdirSync, readFileSync } from 'node:fs';

/** A process number alone may be given to another process later. */
export interface Seen {
  pid: number;
  /** In clock ticks after the boot. */
  start: string;
}

interface Stat extends Seen {
  state: string;
  parent: number;
}

/** Processes that `pid` has started, and that those have started. */
export function descendantsOf(pid: number): Seen[] {
  const all = allStats();
  const found: Stat[] = all.filter((stat) => stat.parent === pid);
  for (const { pid: parent } of found) found.push(...all.filter((s) => s.parent === parent));
  return found;
}

/** The descendant of `pid` that is a Node with this script, and its first arguments if named. */
export function findDescendant(pid: number, script: string): Seen | undefined {
  const [file = '', ...given] = script.split(' ');
  return descendantsOf(pid).find((seen) => {
    const [, entry, ...args] = commandOf(seen.pid);
    return entry?.endsWith(file) === true && given.every((word, at) => args[at] === word);
  });
}

/** Whether it is still there and no zombie. */
export function isAlive({ pid, start }: Seen): boolean {
  const stat = statOf(pid);
  return stat !== undefined && stat.start === start && stat.state !== 'Z';
}

function commandOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
  } catch {
    return [];
  }
}

function allStats(): Stat[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => statOf(Number(pid)) ?? []);
}

/** The fields behind the name, which stands in brackets and may hold anything. */
function statOf(pid: number): Stat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { pid, state: fields[0]!, parent: Number(fields[1]), start: fields[19]! };
  } catch {
    return undefined;
  }
}
