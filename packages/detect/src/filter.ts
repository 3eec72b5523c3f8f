/**
 * Sigma filters (filters specification 2.0.0): what of named rules' matches counts, with no change
 * to the rules. A record has to meet the filter's condition as well as the rule's; `not selection`
 * leaves out. Applied to all the rules it names, or refused.
 */
import { invalid, unsupported } from './error.ts';
import { detectionOf, type Members, mapOf, oneOrMore } from './members.ts';
import { readMetadata } from './metadata.ts';
import type { Predicate } from './value.ts';

export interface Filter {
  file: string;
  text: string;
  title: string;
  /** Names, ids or file names of rules. */
  rules: string[];
  /** Of its logsource: a rule of another one is not meant. */
  category: unknown;
  passes: Predicate;
  /** Its condition has no `not`: it lets through nothing but what it names. */
  narrows: boolean;
}

/** What a rule or a document of one is known by. */
export interface Named {
  names: readonly string[];
  category: unknown;
}

export function readFilter(file: string, text: string, document: Members): Filter {
  const { title } = readMetadata(document, true);
  for (const name of ['detection', 'correlation', 'x-vitrine']) {
    if (document[name] !== undefined) throw invalid(`a filter has no ${name}`);
  }
  const { rules, ...detection } = mapOf(document.filter, 'filter');
  const { category } = mapOf(document.logsource, 'logsource');
  const { matches } = detectionOf(detection, 'filter');
  if (!Array.isArray(rules)) {
    throw unsupported(`filter.rules ${rules ?? 'is missing'}: each rule has to be named`);
  }
  if (detection.selection === undefined) throw invalid('filter.selection is missing');
  const { condition } = detection;
  const narrows = !/\bnot\b/i.test(Array.isArray(condition) ? condition.join(' ') : `${condition}`);
  return {
    file,
    text,
    title,
    rules: oneOrMore(rules, 'filter.rules'),
    category,
    passes: matches,
    narrows,
  };
}

/** Every rule that it names has to be there, and of its logsource. */
export function checkFilter({ rules, category }: Filter, known: readonly Named[]): void {
  for (const name of rules) {
    const meant = known.filter(({ names }) => names.includes(name));
    if (meant.length === 0) throw invalid(`filter.rules: there is no rule ${name}`);
    if (meant.some((one) => !isOf(category, one.category))) {
      throw unsupported(`filter.rules: ${name} has another logsource.category than the filter`);
    }
  }
}

export function filtersFor(filters: readonly Filter[], { names, category }: Named): Filter[] {
  return filters.filter((filter) => {
    return isOf(filter.category, category) && filter.rules.some((name) => names.includes(name));
  });
}

function isOf(filter: unknown, rule: unknown): boolean {
  return filter === undefined || filter === rule;
}
