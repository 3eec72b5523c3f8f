/**
 * Which kinds of records a rule can select at all, worked out from its logsource and its detection:
 * a record of another kind is not even parsed for it.
 */
import type { Condition } from './condition.ts';
import { parsePattern } from './pattern.ts';

/** Kinds by name and by what they begin with; undefined for every kind. */
export type KindSet = { exact: ReadonlySet<string>; prefixes: readonly string[] } | undefined;

/** As logsources name them: a trailing dot stands for all kinds below. */
export function kindSet(names: readonly string[]): KindSet {
  return {
    exact: new Set(names.filter((name) => !name.endsWith('.'))),
    prefixes: names.filter((name) => name.endsWith('.')),
  };
}

export function hasKind(set: KindSet, kind: string): boolean {
  if (set === undefined) return true;
  return set.exact.has(kind) || set.prefixes.some((prefix) => kind.startsWith(prefix));
}

/** For people: what ends with a dot stands for all below. */
export function kindNames(set: KindSet): readonly string[] | undefined {
  return set === undefined ? undefined : [...set.exact, ...set.prefixes].sort();
}

export function unionOf(sets: readonly KindSet[]): KindSet {
  const exact = new Set<string>();
  const prefixes = new Set<string>();
  for (const set of sets) {
    if (set === undefined) return undefined;
    for (const name of set.exact) exact.add(name);
    for (const prefix of set.prefixes) prefixes.add(prefix);
  }
  return { exact, prefixes: [...prefixes] };
}

export function meetOf(sets: readonly KindSet[]): KindSet {
  return sets.reduce((a, b) => {
    if (a === undefined || b === undefined) return a ?? b;
    const exact = [...a.exact].filter((name) => hasKind(b, name));
    exact.push(...[...b.exact].filter((name) => hasKind(a, name)));
    const prefixes = a.prefixes.flatMap((one) =>
      b.prefixes.flatMap((other) => {
        if (one.startsWith(other)) return [one];
        return other.startsWith(one) ? [other] : [];
      }),
    );
    return { exact: new Set(exact), prefixes: [...new Set(prefixes)] };
  }, undefined);
}

/** `kind: values`, with the modifiers of its key. */
export function kindsOfField(key: string, values: readonly unknown[]): KindSet {
  const [, ...modifiers] = key.split('|');
  const begins = modifiers.length === 1 && modifiers[0] === 'startswith';
  if (modifiers.length > 0 && !begins) return undefined;
  const exact = new Set<string>();
  const prefixes: string[] = [];
  for (const value of values) {
    const [text, wildcard, ...more] = parsePattern(String(value).toLowerCase());
    if (typeof text !== 'string' || more.length > 0) return undefined;
    if (wildcard === undefined && !begins) exact.add(text);
    else prefixes.push(text);
  }
  return { exact, prefixes };
}

/** `selections`: the kinds of each selection. What is negated rules nothing out. */
export function kindsOfCondition(
  condition: Condition,
  selections: ReadonlyMap<string, KindSet>,
): KindSet {
  if (condition.type === 'selection') return selections.get(condition.name);
  if (condition.type === 'not') return undefined;
  const sets = condition.terms.map((term) => kindsOfCondition(term, selections));
  return condition.type === 'or' ? unionOf(sets) : meetOf(sets);
}
