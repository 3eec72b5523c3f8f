/**
 * The `correlation` member of a document (Sigma correlation rules specification 2.1.0). What the
 * specification has and this engine cannot honour is refused by name.
 */
import {
  DETECT_CORRELATED_MAX,
  DETECT_HELD_PER_GROUP_MAX,
  isObject,
  type Json,
} from '@vitrine/schema';
import { invalid, tooLarge, unsupported } from '../error.ts';
import type { Extension } from '../extension.ts';
import { type Members, mapOf, nameOf, namesOf, noMore, oneOrMore, timespanOf } from '../members.ts';
import type { Falling } from './falling.ts';

const COUNTING = [
  'event_count',
  'value_count',
  'value_sum',
  'value_avg',
  'value_percentile',
] as const;
const SEQUENCES = ['temporal', 'temporal_ordered'] as const;
export type Counting = (typeof COUNTING)[number];
type CorrelationType = Counting | (typeof SEQUENCES)[number];

const OPERATORS = ['gt', 'gte', 'lt', 'lte', 'eq', 'neq'] as const;
export type Operator = (typeof OPERATORS)[number];

export interface Threshold {
  tests: { operator: Operator; value: number }[];
  /** Members whose values are counted, added or ranked, together where there are several. */
  fields: string[];
  /** Of a `value_percentile`. */
  percentile: number;
  /** With fewer values nothing is compared. */
  min: number;
  /** What else has to hold of the window. */
  falling: Falling | undefined;
}

export interface Correlation {
  type: CorrelationType;
  /** Names or ids of what it refers to, in the order of a `temporal_ordered`. */
  rules: string[];
  groupBy: string[];
  /** By alias, then by what it refers to. */
  aliases: Map<string, Map<string, string>>;
  timespanMs: number;
  /** Of those that count, and of a `temporal` that does not need all its rules. */
  threshold: Threshold | undefined;
}

/** `own`: of its `x-vitrine`. */
export function readCorrelation(
  value: unknown,
  { min, falling }: Pick<Extension, 'min' | 'falling'>,
): Correlation {
  const { type, rules, aliases, timespan, condition, ...more } = mapOf(value, 'correlation');
  const { 'group-by': groupBy, ...rest } = more;
  // 2.0 of the specification had it here, 2.1 beside `correlation`: the loader looks at both.
  const { generate: _, ...unknown } = rest;
  noMore(unknown, 'correlation');
  const known = typeOf(type);
  const names = oneOrMore(rules, 'correlation.rules');
  if (names.length > DETECT_CORRELATED_MAX) {
    throw tooLarge(`correlation.rules has more than ${DETECT_CORRELATED_MAX} entries`);
  }
  if (known === 'temporal_ordered' && names.length < 2) {
    throw invalid('correlation.rules: temporal_ordered needs several');
  }
  const threshold = thresholdOf(known, condition, names.length);
  return {
    type: known,
    rules: names,
    groupBy: namesOf(groupBy, 'correlation.group-by'),
    aliases: aliasesOf(aliases),
    timespanMs: timespanOf(timespan, 'correlation.timespan'),
    threshold: withFalling(withMin(threshold, known, min), known, falling),
  };
}

export function isCounting(type: CorrelationType): type is Counting {
  return (COUNTING as readonly string[]).includes(type);
}

function typeOf(type: unknown): CorrelationType {
  const known = [...COUNTING, ...SEQUENCES].find((one) => one === type);
  if (known === undefined) throw invalid(`correlation.type ${type} is not known`);
  return known;
}

function aliasesOf(value: unknown): Correlation['aliases'] {
  const aliases = Object.entries(mapOf(value ?? {}, 'correlation.aliases'));
  return new Map(
    aliases.map(([alias, fields]) => {
      const name = `correlation.aliases.${alias}`;
      const byRule = Object.entries(mapOf(fields, name));
      return [
        alias,
        new Map(byRule.map(([rule, field]) => [rule, nameOf(field, `${name}.${rule}`)] as const)),
      ] as const;
    }),
  );
}

function thresholdOf(
  type: CorrelationType,
  condition: unknown,
  rules: number,
): Threshold | undefined {
  if (!isCounting(type) && condition === undefined) return undefined;
  if (!isObject(condition as Json)) throw invalid(`correlation: ${type} needs a condition`);
  const { field, percentile, ...operators } = condition as Members;
  const tests = testsOf(operators);
  if ((field !== undefined) !== type.startsWith('value_')) {
    throw invalid(`correlation.condition.field: ${type} ${field ? 'has none' : 'needs one'}`);
  }
  if (!isCounting(type)) checkSequence(type, tests);
  if ((percentile !== undefined) !== (type === 'value_percentile')) {
    if (percentile !== undefined) throw invalid(`correlation.condition: ${type} has no percentile`);
    throw unsupported(
      'correlation.condition: value_percentile is supported with percentile (1 to 100) beside it',
    );
  }
  checkReachable(type, tests, rules);
  const fields = field === undefined ? [] : oneOrMore(field, 'correlation.condition.field');
  if (fields.length > 1 && type !== 'value_count') {
    throw invalid(`correlation.condition.field: ${type} takes one`);
  }
  const rank = percentileOf(percentile);
  return { tests, fields, percentile: rank, min: 1, falling: undefined };
}

/** The average of one value is no rate. */
function withMin(
  threshold: Threshold | undefined,
  type: CorrelationType,
  min: number | undefined,
): Threshold | undefined {
  if (min === undefined) return threshold;
  if (threshold === undefined || (type !== 'value_avg' && type !== 'value_percentile')) {
    throw invalid('x-vitrine.min is for value_avg and value_percentile');
  }
  if (!Number.isInteger(min)) throw invalid('x-vitrine.min is not a whole number');
  if (min < DETECT_HELD_PER_GROUP_MAX) return { ...threshold, min };
  throw tooLarge(`x-vitrine.min is beyond what is counted (${DETECT_HELD_PER_GROUP_MAX - 1})`);
}

/** Compared where records are in the order of time, which those of a whole window need not be. */
function withFalling(
  threshold: Threshold | undefined,
  type: CorrelationType,
  falling: Falling | undefined,
): Threshold | undefined {
  if (falling === undefined) return threshold;
  const isSliding = threshold?.tests.every(({ operator }) => isAtLeast(operator)) === true;
  if (type === 'value_avg' && isSliding) return { ...threshold!, falling };
  throw unsupported('x-vitrine.falling is for value_avg with gt or gte');
}

function testsOf(operators: Members): Threshold['tests'] {
  const tests = Object.entries(operators).map(([name, value]) => {
    const operator = OPERATORS.find((one) => one === name);
    if (operator === undefined) throw invalid(`correlation.condition.${name} is not known`);
    if (typeof value !== 'number' || !Number.isFinite(value)) {
      throw invalid(`correlation.condition.${name} is not a number`);
    }
    return { operator, value };
  });
  if (tests.length === 0) throw invalid('correlation.condition has no comparison');
  return tests;
}

/** Of a `temporal`: how many of its rules have to match. */
function checkSequence(type: CorrelationType, tests: Threshold['tests']): void {
  if (type === 'temporal' && tests.every(({ operator }) => isAtLeast(operator))) return;
  throw unsupported(
    type === 'temporal'
      ? 'correlation.condition: of temporal only gt and gte are supported'
      : 'correlation.condition of temporal_ordered is not supported: all rules have to match',
  );
}

/** True of ever more records once it is true. */
export function isAtLeast(operator: Operator): boolean {
  return operator === 'gt' || operator === 'gte';
}

/** What no window can come to is no rule: beyond the bounds of memory, or less than one record. */
function checkReachable(type: CorrelationType, tests: Threshold['tests'], rules: number): void {
  if (type === 'temporal' && !tests.every((test) => isReached(test, rules))) {
    throw invalid(`correlation.condition: ${rules} rules are not so many`);
  }
  if (type !== 'event_count' && type !== 'value_count') return;
  const never = tests.find(({ operator, value }) => {
    return operator === 'lt' ? value <= 1 : ['lte', 'eq'].includes(operator) && value < 1;
  });
  if (never !== undefined) {
    throw unsupported(
      `correlation.condition: ${never.operator} ${never.value} is true of no window, for one ` +
        'begins with a record; x-vitrine.absence finds what never came',
    );
  }
  const most = Math.max(...tests.map(({ value }) => value));
  if (most < DETECT_HELD_PER_GROUP_MAX) return;
  throw tooLarge(
    `correlation.condition: ${most} is beyond what is counted (${DETECT_HELD_PER_GROUP_MAX - 1})`,
  );
}

function isReached({ operator, value }: Threshold['tests'][number], most: number): boolean {
  return operator === 'gt' ? most > value : most >= value;
}

function percentileOf(value: unknown): number {
  if (value === undefined) return 0;
  if (typeof value === 'number' && value > 0 && value <= 100) return value;
  throw invalid('correlation.condition.percentile is not a number up to 100');
}
