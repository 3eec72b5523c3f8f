/** `x-vitrine.baseline`: a group does far more in a while than its like has done before. */
import { DETECT_WINDOW_MS_MAX } from '@vitrine/schema';
import { invalid } from '../error.ts';
import { groupingBy } from '../groups/by.ts';
import { GroupWatch } from '../groups/watch.ts';
import {
  latenessOf,
  type Members,
  mapOf,
  nameOf,
  namesOf,
  noMore,
  positiveOf,
  timespanOf,
} from '../members.ts';
import { fieldReader, membersBehind } from '../view.ts';
import { BaselineSteps, type History } from './history.ts';
import { NO_KINDS, type Primitive } from './primitive.ts';

const WEIGHT = 0.2;
const MIN = 10;

export function readBaseline(value: unknown): Primitive {
  const name = 'x-vitrine.baseline';
  const members = mapOf(value, name);
  const { sum, within, against, late, 'group-by': groupBy, ...history } = members;
  const by = namesOf(groupBy, `${name}.group-by`);
  const like = against === undefined ? by : namesOf(against, `${name}.against`);
  const field = sum === undefined ? undefined : nameOf(sum, `${name}.sum`);
  const withinMs = timespanOf(within, `${name}.within`);
  const lateMs = latenessOf(late, `${name}.late`);
  if (withinMs > DETECT_WINDOW_MS_MAX * 144) throw invalid(`${name}.within is longer than a day`);
  const terms = historyOf(history, name);
  return {
    kinds: NO_KINDS,
    make: (selects, shown) => {
      const amount = field === undefined ? undefined : fieldReader(field);
      const needed = membersBehind([...shown, ...by, ...(field === undefined ? [] : [field])]);
      const told = groupingBy(by);
      const steps = new BaselineSteps(told, amount, withinMs, terms);
      const sides = [{ selects, grouping: groupingBy(like) }];
      return new GroupWatch(sides, needed, steps, lateMs, told);
    },
  };
}

function historyOf(members: Members, name: string): History {
  const { factor, floor, min = MIN, quantile, weight, ...rest } = members;
  noMore(rest, name);
  if (quantile !== undefined && weight !== undefined) {
    throw invalid(`${name}: quantile and weight exclude each other`);
  }
  const percent = quantile === undefined ? undefined : positiveOf(quantile, `${name}.quantile`);
  if (percent !== undefined && percent > 100) throw invalid(`${name}.quantile is above 100`);
  const share = positiveOf(weight ?? WEIGHT, `${name}.weight`);
  if (share > 1) throw invalid(`${name}.weight is above 1`);
  if (!Number.isInteger(min)) throw invalid(`${name}.min is not a whole number`);
  return {
    factor: positiveOf(factor, `${name}.factor`),
    floor: floor === undefined ? undefined : positiveOf(floor, `${name}.floor`),
    min: positiveOf(min, `${name}.min`),
    quantile: percent,
    weight: share,
  };
}
