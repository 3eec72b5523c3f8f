/**
 * The processes above an event's own, as far as the session's `process.exec` records tell. A number
 * is used again by the system: of several records the last one before the event counts.
 */
import type { EventItem } from '@vitrine/schema/api';
import { PROCESS_ANCESTORS_MAX, readPath } from '@vitrine/schema/record';

export interface Ancestor {
  pid: number;
  /** The record that tells of it; absent when none does. */
  exec: EventItem | undefined;
}

export interface Ancestry {
  /** From the event's own process upwards. */
  chain: Ancestor[];
  /** Why it ends where it ends. */
  end: 'no parent is named' | 'the parent was not seen to start' | 'too deep' | 'a circle';
}

/** The last `process.exec` of a process before an index. */
export type FindExec = (pid: number, before: number) => Promise<EventItem | undefined>;

export async function ancestryOf(event: EventItem, find: FindExec): Promise<Ancestry | undefined> {
  const own = pidAt(event, 'process.pid');
  if (own === undefined) return undefined;
  const chain: Ancestor[] = [];
  let pid: number = own;
  let parent = pidAt(event, 'process.ppid');
  let before = event.index + 1;
  while (true) {
    const exec = await find(pid, before);
    chain.push({ pid, exec });
    if (exec !== undefined) {
      parent = pidAt(exec, 'process.ppid');
      before = exec.index;
    } else if (pid !== own) return { chain, end: 'the parent was not seen to start' };
    if (parent === undefined) return { chain, end: 'no parent is named' };
    if (chain.some((known) => known.pid === parent)) return { chain, end: 'a circle' };
    if (chain.length >= PROCESS_ANCESTORS_MAX) return { chain, end: 'too deep' };
    pid = parent;
  }
}

function pidAt({ record }: EventItem, path: string): number | undefined {
  const value = readPath(record, path);
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : undefined;
}
