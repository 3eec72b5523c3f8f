/** Whether the process that runs a sandbox still lives, by what the host's kernel says of it. */
import { readFileSync } from 'node:fs';

/** Field 22 of `/proc/<pid>/stat` (proc(5)), counted behind the closing bracket of the name. */
const START_TIME_FIELD = 19;

/** `start`: its start time in clock ticks; another value means that the pid was used again. */
export function isAlive(pid: number, start: string | undefined): boolean {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return false;
  }
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return start === undefined || !/^\d+$/.test(start) || fields[START_TIME_FIELD] === start;
}
