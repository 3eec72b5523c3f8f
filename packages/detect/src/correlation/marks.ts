/** What a correlation keeps of a record that was judged: when, which leaf, which value. */
import { ALERT_EVIDENCE_MAX, type Json } from '@vitrine/schema';
import type { Held } from '../groups/held.ts';
import type { Evidence } from '../input.ts';
import { evidenceIn, listOf, numberOf, optional, saveEvidence } from '../saved.ts';
import { evidenceOf } from '../watch.ts';

export interface Mark {
  t: number;
  leaves: readonly Evidence[];
  /** The value that is counted, or the number that is added; undefined where none is. */
  value: string | number | undefined;
  /** The number whose fall is asked for beside it (`x-vitrine.falling`). */
  trend?: number | undefined;
}

export function markOf(one: Held, value?: string | number, trend?: number): Mark {
  return { t: one.t, leaves: [evidenceOf(one.view), ...one.others], value, trend };
}

/** The leaves of these, the last ones first, without the record's own and without doubles. */
export function leavesBeside(
  one: Pick<Held, 'view' | 'others'>,
  marks: readonly Mark[],
): Evidence[] {
  const own = one.view.row.index;
  const found = new Map<number, Evidence>(one.others.map((leaf) => [leaf.index, leaf]));
  for (let i = marks.length - 1; i >= 0 && found.size < ALERT_EVIDENCE_MAX; i--) {
    for (const leaf of marks[i]!.leaves) found.set(leaf.index, leaf);
  }
  found.delete(own);
  return [...found.values()].slice(0, ALERT_EVIDENCE_MAX - 1);
}

export function saveMark({ t, leaves, value, trend }: Mark): Json {
  const saved = [t, saveEvidence(leaves), value ?? null];
  return trend === undefined ? saved : [...saved, trend];
}

export function markIn(saved: Json | undefined): Mark {
  const [t, leaves, value, trend] = listOf(saved);
  const known = typeof value === 'string' || typeof value === 'number' ? value : undefined;
  return {
    t: numberOf(t),
    leaves: evidenceIn(leaves),
    value: known,
    trend: optional(trend, numberOf),
  };
}
