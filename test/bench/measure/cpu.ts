/** Processor time that a process has used, as Linux counts it. */
import { readdirSync, readFileSync } from 'node:fs';

const TICKS_PER_S = 100;
/** Fields of /proc/PID/stat behind the name: 14 and 15 are utime and stime. */
const [UTIME, STIME] = [11, 12];

/** In user and kernel mode, without its children. */
export function cpuSeconds(pid: number): number {
  return secondsIn(readFileSync(`/proc/${pid}/stat`, 'utf8'));
}

/** The same by the names of its threads; one that has ended is not among them. */
export function cpuSecondsByThread(pid: number): Map<string, number> {
  const byName = new Map<string, number>();
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8');
    const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
    byName.set(name, (byName.get(name) ?? 0) + secondsIn(stat));
  }
  return byName;
}

/** The process that the collector runs its store in. */
export function engineOf(collector: number): number {
  const children = readFileSync(`/proc/${collector}/task/${collector}/children`, 'utf8');
  return Number(children.trim().split(' ')[0]);
}

function secondsIn(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[UTIME]) + Number(fields[STIME])) / TICKS_PER_S;
}
