/** Processor time that a process has used, as Linux counts it. */
import { readFileSync } from 'node:fs';

const TICKS_PER_S = 100;
/** Fields of /proc/PID/stat behind the name: 14 and 15 are utime and stime. */
const [UTIME, STIME] = [11, 12];

/** The engine of a collector: its first child. */
export function engineOf(collector: number): number {
  const children = readFileSync(`/proc/${collector}/task/${collector}/children`, 'utf8');
  return Number(children.trim().split(' ')[0]);
}

/** In user and kernel mode, without its children. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[UTIME]) + Number(fields[STIME])) / TICKS_PER_S;
}
