/** A rule's `detection` as one predicate over records. */
import { isObject, type Json, RULE_VALUES_MAX } from '@vitrine/schema';
import { type Condition, parseCondition } from './condition.ts';
import { invalid, tooLarge } from './error.ts';
import { type KindSet, kindsOfCondition, kindsOfField, meetOf, unionOf } from './kinds.ts';
import { parseField } from './modifiers.ts';
import { compilePattern, type TextTest } from './pattern.ts';
import { allOf, anyOf, compileField, type Predicate, scalarsOf, textOf } from './value.ts';

export interface Detection {
  matches: Predicate;
  /** Search identifiers that no condition uses. */
  unused: string[];
  /** Kinds that its condition can be true for. */
  kinds: KindSet;
}

export function compileDetection(detection: Record<string, unknown>): Detection {
  const { condition, ...selections } = detection;
  const values = countValues(selections);
  if (values > RULE_VALUES_MAX) {
    throw tooLarge(`the rule has ${values} values, ${RULE_VALUES_MAX} at most`);
  }
  const names = Object.keys(selections);
  const predicates = new Map(
    names.map((name) => [name, compileSelection(name, selections[name])] as const),
  );
  const used = new Set<string>();
  const conditions = conditionsOf(condition).map((text) => parseCondition(text, names));
  for (const one of conditions) namesIn(one, used);
  const terms = conditions.map((one) => evaluate(one, predicates));
  const kinds = new Map(names.map((name) => [name, kindsOfSelection(selections[name])] as const));
  return {
    kinds: unionOf(conditions.map((one) => kindsOfCondition(one, kinds))),
    matches: anyOf(terms),
    unused: names.filter((name) => !used.has(name)),
  };
}

function countValues(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  return Object.values(value).reduce((sum: number, item) => sum + countValues(item), 0);
}

/** A list of conditions is their disjunction. */
function conditionsOf(condition: unknown): string[] {
  const list = Array.isArray(condition) ? condition : [condition];
  if (list.length === 0 || !list.every((item) => typeof item === 'string')) {
    throw invalid('detection.condition is not text');
  }
  return list;
}

function namesIn(condition: Condition, found: Set<string>): void {
  if (condition.type === 'selection') found.add(condition.name);
  else if (condition.type === 'not') namesIn(condition.term, found);
  else for (const term of condition.terms) namesIn(term, found);
}

function evaluate(condition: Condition, selections: Map<string, Predicate>): Predicate {
  if (condition.type === 'selection') return selections.get(condition.name)!;
  if (condition.type === 'not') {
    const term = evaluate(condition.term, selections);
    return (view) => !term(view);
  }
  const terms = condition.terms.map((term) => evaluate(term, selections));
  return condition.type === 'or' ? anyOf(terms) : allOf(terms);
}

/** A map is a conjunction; a list is a disjunction of maps and of keywords. */
function compileSelection(name: string, value: unknown): Predicate {
  if (Array.isArray(value)) {
    if (value.length === 0) throw invalid(`detection.${name}: the list is empty`);
    const terms = value.map((item) =>
      isMap(item) ? compileMap(name, item) : keyword(`detection.${name}`, item),
    );
    return anyOf(terms);
  }
  if (!isMap(value)) throw invalid(`detection.${name} is neither a map nor a list`);
  return compileMap(name, value);
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function kindsOfSelection(value: unknown): KindSet {
  if (Array.isArray(value)) return unionOf(value.map(kindsOfSelection));
  if (!isMap(value)) return undefined;
  const lines = Object.entries(value).filter(([key]) => key.split('|')[0] === 'kind');
  return meetOf(
    lines.map(([key, values]) => kindsOfField(key, Array.isArray(values) ? values : [values])),
  );
}

function compileMap(name: string, map: Record<string, unknown>): Predicate {
  const lines = Object.entries(map);
  if (lines.length === 0) throw invalid(`detection.${name}: the map is empty`);
  const terms = lines.map(([key, value]) =>
    key.startsWith('|') ? keywords(key, value) : compileField(key, value),
  );
  return allOf(terms);
}

/** `'|all': [a, b]`: every keyword somewhere in the record. */
function keywords(key: string, value: unknown): Predicate {
  const { cased } = parseField(key);
  const values = scalarsOf(key, value);
  if (values.length < 2) throw invalid(`${key}: all needs several values`);
  const terms = values.map((item) => keyword(key, item, cased));
  return allOf(terms);
}

/** A text anywhere in any member of the record, at whatever depth. */
function keyword(key: string, value: unknown, cased = false): Predicate {
  if (typeof value !== 'string' && typeof value !== 'number') {
    throw invalid(`${key}: a keyword is neither text nor number`);
  }
  const test = compilePattern(String(value), { cased, anyBefore: true, anyAfter: true });
  return ({ row }) => hasText(row.record, test);
}

/** Records are at most `JSON_DEPTH_MAX` deep. */
function hasText(value: Json, test: TextTest): boolean {
  const text = textOf(value);
  if (text !== undefined) return test(text);
  if (Array.isArray(value)) return value.some((item) => hasText(item, test));
  return isObject(value) && Object.values(value).some((item) => hasText(item, test));
}
