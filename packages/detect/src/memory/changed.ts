/**
 * `x-vitrine.changed`: the same key with another value than the one that is known: the first that
 * was seen, the last one, or the one that a record of `known` has set.
 */
import type { Json } from '@vitrine/schema';
import { invalid } from '../error.ts';
import { groupingBy } from '../groups/by.ts';
import type { Held } from '../groups/held.ts';
import type { Steps } from '../groups/ordered.ts';
import { GroupWatch, type Side } from '../groups/watch.ts';
import type { Evidence } from '../input.ts';
import { detectionOf, latenessOf, mapOf, nameOf, namesOf, noMore } from '../members.ts';
import { evidenceIn, listOf, saveEvidence, textOf } from '../saved.ts';
import { EventView, type FieldReader, fieldReader, heldText, membersBehind } from '../view.ts';
import { evidenceOf, type Finding, NONE } from '../watch.ts';
import { NO_KINDS, type Primitive } from './primitive.ts';

const KNOWN = 2;

interface State {
  value: string | undefined;
  /** The record that has set it. */
  leaf: Evidence | undefined;
}

/** What sets the known value. */
type Against = 'first' | 'last' | 'known';

export function readChanged(value: unknown): Primitive {
  const name = 'x-vitrine.changed';
  const { value: member, known, against, late, 'group-by': groupBy, ...rest } = mapOf(value, name);
  noMore(rest, name);
  const by = namesOf(groupBy, `${name}.group-by`);
  if (by.length === 0) throw invalid(`${name}.group-by: the list is empty`);
  const field = nameOf(member, `${name}.value`);
  const approving = known === undefined ? undefined : detectionOf(known, `${name}.known`);
  const how = againstOf(against, approving !== undefined);
  const grouping = groupingBy(by);
  const lateMs = latenessOf(late, `${name}.late`);
  return {
    kinds: approving === undefined ? NO_KINDS : approving.kinds,
    make: (selects, shown) => {
      const sides: Side[] = [{ selects, grouping }];
      if (approving !== undefined) sides.push({ selects: approving.matches, grouping });
      const needed = membersBehind([...shown, field]);
      return new GroupWatch(sides, needed, new ChangedSteps(fieldReader(field), how), lateMs);
    },
  };
}

function againstOf(value: unknown, hasKnown: boolean): Against {
  if (hasKnown && value === undefined) return 'known';
  if (hasKnown) throw invalid('x-vitrine.changed: known and against exclude each other');
  if (value === undefined || value === 'first' || value === 'last') return value ?? 'first';
  throw invalid('x-vitrine.changed.against is neither first nor last');
}

class ChangedSteps implements Steps<State> {
  readonly #read: FieldReader;
  readonly #against: Against;

  constructor(read: FieldReader, against: Against) {
    this.#read = read;
    this.#against = against;
  }

  fresh(): State {
    return { value: undefined, leaf: undefined };
  }

  step(state: State, { view, roles }: Held, key: string): readonly Finding[] {
    const value = textFor(this.#read, view);
    if (value === undefined) return NONE;
    if ((roles & KNOWN) !== 0) {
      set(state, value, view);
      return NONE;
    }
    const { value: expected, leaf } = state;
    const learns = expected === undefined && this.#against !== 'known';
    if (learns || this.#against === 'last') set(state, value, view);
    if (expected === undefined || leaf === undefined || value === expected) return NONE;
    const shown = new EventView(view.row, view.context, { expected, value });
    return [{ view: shown, others: [leaf], group: key }];
  }

  size({ value }: State): number {
    return value === undefined ? 0 : 1;
  }

  trim(state: State): number {
    const size = this.size(state);
    state.value = undefined;
    return size;
  }

  end(): readonly Finding[] {
    return NONE;
  }

  save({ value, leaf }: State): Json {
    return value === undefined || leaf === undefined ? null : [value, saveEvidence([leaf])];
  }

  load(saved: Json): State {
    if (saved === null) return this.fresh();
    const [value, leaf] = listOf(saved);
    return { value: textOf(value), leaf: evidenceIn(leaf)[0] };
  }
}

function set(state: State, value: string, view: EventView): void {
  state.value = value;
  state.leaf = evidenceOf(view);
}

function textFor(read: FieldReader, view: EventView): string | undefined {
  const value = read(view);
  if (value === undefined || value === null) return undefined;
  return heldText(typeof value === 'string' ? value : JSON.stringify(value));
}
