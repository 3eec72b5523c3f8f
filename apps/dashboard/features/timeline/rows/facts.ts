/**
 * What the list asks of an event over and over, worked out once: rows are laid out anew with each
 * page and each batch of the tail.
 */
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
  /** The title without the kind in front, which has a column of its own. */
  subject: string;
}

const known = new WeakMap<EventItem, Facts>();

export function factsOf(item: EventItem): Facts {
  const before = known.get(item);
  if (before !== undefined) return before;
  const { t, observed, shim, kind, record, title } = item;
  const ms = msOf(t);
  const facts: Facts = {
    ms,
    hostMs: observed === '0' ? ms : msOf(observed),
    chain: shim,
    routine: routineOf(item),
    loss: lossWords(kind, record),
    subject: title.startsWith(`${kind} `) ? title.slice(kind.length + 1) : title,
  };
  known.set(item, facts);
  return facts;
}
