/** One record as a rule with groups holds it, and the order in which such records are judged. */
import type { Json } from '@vitrine/schema';
import type { Evidence } from '../input.ts';
import { evidenceIn, listOf, numberOf, type Restorer, type Saver, saveEvidence } from '../saved.ts';
import type { EventView } from '../view.ts';

export interface Held {
  /** By its maker's clock, milliseconds. */
  t: number;
  /** `seq` in its chain. */
  seq: number;
  /** One bit for each selection of the rule that the record meets. */
  roles: number;
  view: EventView;
  /** Leaves behind it, where it is itself a finding. */
  others: readonly Evidence[];
  /** Its number among what came to the rule. */
  came: number;
  /** The log's time at which it is judged; undefined until the next seal. */
  due: number | undefined;
  done: boolean;
}

/** `view` keeps no more of the record than the rule asks for. */
export function held(view: EventView, roles: number, others: readonly Evidence[]): Held {
  const { seq } = view.row.record;
  return {
    t: view.timeMs,
    seq: typeof seq === 'number' ? seq : 0,
    roles,
    view,
    others,
    came: 0,
    due: undefined,
    done: false,
  };
}

/** By time; of one moment by chain and place in it, which no order of arrival changes. */
export function compareHeld(a: Held, b: Held): number {
  if (a.t !== b.t) return a.t - b.t;
  const [left, right] = [a.view.row, b.view.row];
  if (left.session !== right.session) return left.session < right.session ? -1 : 1;
  if (left.shim !== right.shim) return left.shim < right.shim ? -1 : 1;
  return a.seq - b.seq || left.index - right.index;
}

export function saveHeld(one: Held, saver: Saver): Json {
  const { seq, roles, view, others, came, due } = one;
  return [saver.view(view), seq, roles, saveEvidence(others), came, due ?? null];
}

export function heldIn(saved: Json | undefined, restorer: Restorer): Held {
  const [view, seq, roles, others, came, due] = listOf(saved);
  return {
    ...held(restorer.view(view), numberOf(roles), evidenceIn(others)),
    seq: numberOf(seq),
    came: numberOf(came),
    due: due === null ? undefined : numberOf(due),
  };
}
