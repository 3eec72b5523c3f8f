/**
 * `x-vitrine.taint`: a value that first came in with a record of `source` is used later, in a
 * member of a record that the rule selects. A value that a record of `unless` had named before is
 * nobody's plant.
 */
import type { Json } from '@vitrine/schema';
import { groupingBy } from '../groups/by.ts';
import type { Held } from '../groups/held.ts';
import type { Steps } from '../groups/ordered.ts';
import { GroupWatch, type Side } from '../groups/watch.ts';
import type { Evidence } from '../input.ts';
import { unionOf } from '../kinds.ts';
import {
  detectionOf,
  latenessOf,
  mapOf,
  namesOf,
  noMore,
  oneOrMore,
  timespanOf,
} from '../members.ts';
import { evidenceIn, listOf, numberOf, saveEvidence, textOf } from '../saved.ts';
import { EventView, type FieldReader, fieldReader, heldText, membersBehind } from '../view.ts';
import { evidenceOf, type Finding, NONE } from '../watch.ts';
import type { Primitive } from './primitive.ts';

const OWN = 1;
const SOURCE = 2;

interface Sighting {
  t: number;
  leaf: Evidence;
  isClean: boolean;
}

/** By value, in the order in which they were first seen. */
type State = Map<string, Sighting>;

interface Fields {
  seen: readonly FieldReader[];
  cleared: readonly FieldReader[];
  used: readonly FieldReader[];
}

export function readTaint(value: unknown): Primitive {
  const name = 'x-vitrine.taint';
  const { source, seen, used, unless, named, within, late, ...more } = mapOf(value, name);
  const { 'group-by': groupBy, ...rest } = more;
  noMore(rest, name);
  const from = detectionOf(source, `${name}.source`);
  const clean = unless === undefined ? undefined : detectionOf(unless, `${name}.unless`);
  const names = {
    seen: oneOrMore(seen, `${name}.seen`),
    cleared: oneOrMore(named ?? seen, `${name}.named`),
    used: oneOrMore(used, `${name}.used`),
  };
  const by = namesOf(groupBy, `${name}.group-by`);
  const grouping = groupingBy(by);
  const lateMs = latenessOf(late, `${name}.late`);
  const withinMs = timespanOf(within, `${name}.within`);
  return {
    kinds: unionOf([from, ...(clean === undefined ? [] : [clean])].map(({ kinds }) => kinds)),
    make: (selects, shown) => {
      const sides: Side[] = [selects, from.matches, ...(clean ? [clean.matches] : [])].map(
        (side) => ({ selects: side, grouping }),
      );
      const needed = [...shown, ...names.seen, ...names.cleared, ...names.used];
      const fields = {
        seen: names.seen.map(fieldReader),
        cleared: names.cleared.map(fieldReader),
        used: names.used.map(fieldReader),
      };
      const steps = new TaintSteps(fields, withinMs);
      return new GroupWatch(sides, membersBehind(needed), steps, lateMs);
    },
  };
}

class TaintSteps implements Steps<State> {
  readonly #fields: Fields;
  readonly #withinMs: number;

  constructor(fields: Fields, withinMs: number) {
    this.#fields = fields;
    this.#withinMs = withinMs;
  }

  fresh(): State {
    return new Map();
  }

  step(state: State, one: Held, key: string): readonly Finding[] {
    const found = (one.roles & OWN) === 0 ? NONE : this.#uses(state, one, key);
    if (one.roles > OWN) {
      const isSource = (one.roles & SOURCE) !== 0;
      const isClean = one.roles >= 2 * SOURCE;
      if (isClean) this.#see(state, one, valuesOf(one.view, this.#fields.cleared), true);
      if (isSource) this.#see(state, one, valuesOf(one.view, this.#fields.seen), false);
    }
    return found;
  }

  #uses(state: State, { view, t }: Held, key: string): Finding[] {
    return valuesOf(view, this.#fields.used).flatMap((value) => {
      const seen = state.get(value);
      if (seen === undefined || seen.isClean) return [];
      if (seen.t > t || t - seen.t > this.#withinMs) return [];
      const match = { value, after_ms: Math.round(t - seen.t) };
      const shown = new EventView(view.row, view.context, match);
      return [{ view: shown, others: [seen.leaf], group: key }];
    });
  }

  #see(state: State, one: Held, values: string[], isClean: boolean): void {
    for (const value of values) {
      const known = state.get(value);
      const isOver = known !== undefined && !known.isClean && one.t - known.t > this.#withinMs;
      if (known !== undefined && !isOver) continue;
      state.delete(value);
      state.set(value, { t: one.t, leaf: evidenceOf(one.view), isClean });
    }
  }

  size(state: State): number {
    return state.size;
  }

  trim(state: State): number {
    for (const value of state.keys()) {
      state.delete(value);
      return 1;
    }
    return 0;
  }

  end(): readonly Finding[] {
    return NONE;
  }

  save(state: State): Json {
    return [...state].map(([value, { t, leaf, isClean }]) => {
      return [value, t, saveEvidence([leaf]), isClean];
    });
  }

  load(saved: Json): State {
    return new Map(
      listOf(saved).map((one) => {
        const [value, t, leaf, isClean] = listOf(one);
        const sighting = { t: numberOf(t), leaf: evidenceIn(leaf)[0]!, isClean: isClean === true };
        return [textOf(value), sighting] as const;
      }),
    );
  }
}

/** Each element of a list is a value; texts are compared without regard to case. */
function valuesOf(view: EventView, readers: readonly FieldReader[]): string[] {
  const values = readers.flatMap((read) => {
    const value = read(view);
    return Array.isArray(value) ? value : [value];
  });
  const texts = values.flatMap((value) =>
    typeof value === 'string' || typeof value === 'number' ? [String(value)] : [],
  );
  return [...new Set(texts.filter((text) => text !== ''))].map((text) =>
    heldText(text.toLowerCase()),
  );
}
