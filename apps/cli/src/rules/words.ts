/** Lines of a rule in words. */
import type { RuleLine } from '@vitrine/detect';
import type { Json } from '@vitrine/schema';

const VERBS: Record<string, string> = {
  contains: 'contains',
  startswith: 'begins with',
  endswith: 'ends with',
  re: 'matches',
  cidr: 'is in',
  lt: 'is less than',
  lte: 'is at most',
  gt: 'is more than',
  gte: 'is at least',
  fieldref: 'equals the member',
  expand: "is in the session's list",
};

/** `http.host begins with api. or web.` */
export function lineWords({ field, modifiers, values }: RuleLine): string {
  const join = modifiers.includes('all') ? ' and ' : ' or ';
  const listed = values.map(valueWords).join(join);
  if (field === '') return `anywhere in the record: ${listed}`;
  if (modifiers.includes('exists'))
    return `${field} is ${values[0] === true ? 'there' : 'missing'}`;
  const verb = modifiers.map((name) => VERBS[name]).find((word) => word !== undefined) ?? 'is';
  const others = modifiers.filter((name) => !(name in VERBS) && name !== 'all');
  const not = others.includes('neq') ? 'not: ' : '';
  const how = others.filter((name) => name !== 'neq');
  return `${not}${field} ${verb} ${listed}${how.length === 0 ? '' : ` (${how.join(', ')})`}`;
}

function valueWords(value: Json): string {
  if (value === null) return 'missing';
  if (value === '') return 'empty';
  return typeof value === 'string' ? value.replace(/^%(.+)%$/, '$1') : JSON.stringify(value);
}
