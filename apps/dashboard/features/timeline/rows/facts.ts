/**
 * What the list asks of an event over and over, worked out once: rows are laid out anew with each
 * page and each batch of the tail.
 */
import { readPath } from '@vitrine/schema/record';
import type { EventItem } from '../../../lib/api/types.ts';
import { msOf } from '../../../lib/time.ts';
import { lossWords } from './loss.ts';
import { type Routine, routineOf } from './routine.ts';

export interface Facts {
  /** Milliseconds by the maker's clock … */
  ms: number;
  /** … and by the host's; a supervisor's record was never received, its own time is the host's. */
  hostMs: number;
  chain: string;
  routine: Routine | undefined;
  /** What was lost, in words. */
  loss: string | undefined;
  /** What happened, without the kind in front, which has a column of its own. */
  subject: string;
  /** Who did it: the agent, else the process. */
  by: string;
}

const known = new WeakMap<EventItem, Facts>();

export function factsOf(item: EventItem): Facts {
  const before = known.get(item);
  if (before !== undefined) return before;
  const { t, observed, shim, kind, record } = item;
  const ms = msOf(t);
  const facts: Facts = {
    ms,
    hostMs: observed === '0' ? ms : msOf(observed),
    chain: shim,
    routine: routineOf(item),
    loss: lossWords(kind, record),
    subject: subjectOf(item),
    by: item.agent === '' ? processOf(item) : item.agent,
  };
  known.set(item, facts);
  return facts;
}

/** The title says as much as one column can; the list has a column for the kind, and more room. */
function subjectOf({ kind, title, record }: EventItem): string {
  const rest = title.startsWith(`${kind} `) ? title.slice(kind.length + 1) : title;
  if (kind === 'process.exit') {
    const exe = readPath(record, 'process.exe');
    return typeof exe === 'string' ? `${exe} ended with ${rest}` : `ended with ${rest}`;
  }
  const port = kind.startsWith('net.') ? readPath(record, 'net.dst_port') : undefined;
  return typeof port === 'number' ? `${rest}:${port}` : rest;
}

function processOf({ record }: EventItem): string {
  const pid = readPath(record, 'process.pid');
  const exe = readPath(record, 'process.exe');
  const name = typeof exe === 'string' ? exe.slice(exe.lastIndexOf('/') + 1) : '';
  return [name, typeof pid === 'number' ? String(pid) : ''].filter((word) => word !== '').join(' ');
}
