/**
 * Builds the test of one `field|modifiers: values` line. Scalars are compared as text without
 * regard to case, so that `true`, `5` and decimal text match what a record holds; of a member that
 * is a list, one element has to match.
 */
import { BlockList, isIP } from 'node:net';
import type { Json } from '@vitrine/schema';
import { RE2JS } from 're2js';
import { invalid, unsupported } from './error.ts';
import { type FieldSpec, parseField } from './modifiers.ts';
import {
  compileAnyOf,
  compileLiteral,
  compilePattern,
  literalOf,
  type PatternOptions,
  type TextTest,
} from './pattern.ts';
import { isPlaceholder } from './session.ts';
import { type EventView, type FieldReader, fieldReader } from './view.ts';

export type Predicate = (view: EventView) => boolean;
type Scalar = string | number | boolean | null;
/** Tests one element of a member; `undefined` for a member that is not there. */
type ValueTest = (value: Json | undefined, view: EventView) => boolean;

/** True when one of them is. */
export function anyOf(tests: readonly Predicate[]): Predicate {
  if (tests.length === 1) return tests[0]!;
  return (view) => {
    for (const test of tests) if (test(view)) return true;
    return false;
  };
}

/** True when each of them is. */
export function allOf(tests: readonly Predicate[]): Predicate {
  if (tests.length === 1) return tests[0]!;
  return (view) => {
    for (const test of tests) if (!test(view)) return false;
    return true;
  };
}

export function compileField(key: string, value: unknown): Predicate {
  const spec = parseField(key);
  const values = scalarsOf(key, value);
  if (spec.all && values.length < 2) throw invalid(`${key}: all needs several values`);
  if (spec.comparison === 'exists') return existsPredicate(spec, key, values);
  const tests = anyOfTest(spec, values) ?? values.map((item) => valueTest(spec, key, item));
  const read = fieldReader(spec.name);
  if (spec.all) {
    return allOf(tests.map((test) => elementPredicate(read, test)));
  }
  const [first, ...more] = tests;
  const any: ValueTest =
    more.length === 0
      ? first!
      : (value, view) => {
          for (const test of tests) if (test(value, view)) return true;
          return false;
        };
  const term = elementPredicate(read, any);
  return spec.neq ? (view) => !term(view) : term;
}

/** A list is there also when nothing is in it. */
function existsPredicate({ name }: FieldSpec, key: string, values: Scalar[]): Predicate {
  const [value, ...more] = values;
  if (typeof value !== 'boolean' || more.length > 0) {
    throw invalid(`${key}: exists needs true or false`);
  }
  const read = fieldReader(name);
  return (view) => (read(view) !== undefined) === value;
}

/** A list of plain texts is looked up, not gone through: most lists are names. */
function anyOfTest(spec: FieldSpec, values: Scalar[]): ValueTest[] | undefined {
  const { comparison, all, encoding, fieldref, expand, cased } = spec;
  const plain = comparison === 'equals' && !(all || fieldref || expand) && encoding === undefined;
  if (!plain || values.length < 2 || values.includes(null)) return undefined;
  const test = compileAnyOf(values.map(String), cased);
  return test === undefined ? undefined : [textTest(test)];
}

function elementPredicate(read: FieldReader, test: ValueTest): Predicate {
  return (view) => {
    const value = read(view);
    return Array.isArray(value) ? value.some((item) => test(item, view)) : test(value, view);
  };
}

export function scalarsOf(key: string, value: unknown): Scalar[] {
  const values = Array.isArray(value) ? value : [value];
  if (values.length === 0) throw invalid(`${key}: the list is empty`);
  for (const item of values) {
    if (item !== null && !['string', 'number', 'boolean'].includes(typeof item)) {
      throw invalid(`${key}: a value is neither text, number, boolean nor null`);
    }
  }
  return values as Scalar[];
}

function valueTest(spec: FieldSpec, key: string, value: Scalar): ValueTest {
  switch (spec.comparison) {
    case 're':
      return textTest(regexTest(spec, key, value));
    case 'cidr':
      return textTest(cidrTest(key, value));
    case 'lt':
    case 'lte':
    case 'gt':
    case 'gte':
      return numberTest(spec.comparison, key, value);
    default:
      return equalityTest(spec, key, value);
  }
}

function equalityTest(spec: FieldSpec, key: string, value: Scalar): ValueTest {
  if (spec.fieldref) return fieldTest(spec, key, value);
  if (spec.expand) return placeholderTest(spec, key, value);
  if (value === null) {
    if (spec.comparison !== 'equals' || spec.encoding !== undefined || spec.cased) {
      throw invalid(`${key}: null takes no modifier but neq`);
    }
    return (member) => member === undefined || member === null;
  }
  const options = optionsOf(spec);
  if (spec.encoding === undefined) return textTest(compilePattern(String(value), options));
  const tests = encoded(spec.encoding, key, value).map((text) => compileLiteral(text, options));
  return textTest((text) => tests.some((test) => test(text)));
}

export function optionsOf({ comparison, cased }: FieldSpec): PatternOptions {
  return {
    cased,
    anyBefore: comparison === 'contains' || comparison === 'endswith',
    anyAfter: comparison === 'contains' || comparison === 'startswith',
  };
}

function textTest(test: TextTest): ValueTest {
  return (member) => {
    const text = textOf(member);
    return text !== undefined && test(text);
  };
}

export function textOf(member: Json | undefined): string | undefined {
  if (typeof member === 'string') return member;
  return typeof member === 'number' || typeof member === 'boolean' ? String(member) : undefined;
}

function fieldTest(spec: FieldSpec, key: string, value: Scalar): ValueTest {
  if (typeof value !== 'string' || value === '') throw invalid(`${key}: fieldref needs a name`);
  const read = fieldReader(value);
  const options = optionsOf(spec);
  return (member, view) => {
    const text = textOf(member);
    if (text === undefined) return false;
    const others = read(view);
    return (Array.isArray(others) ? others : [others]).some((one) => {
      const other = textOf(one);
      return other !== undefined && compileLiteral(other, options)(text);
    });
  };
}

/** A list of the session's `open` record, without one nothing. Entries may have wildcards. */
function placeholderTest(spec: FieldSpec, key: string, value: Scalar): ValueTest {
  const name = /^%([^%]+)%$/.exec(String(value))?.[1];
  if (name === undefined) {
    throw unsupported(`${key}: expand is supported for a value that is one %placeholder%`);
  }
  if (!isPlaceholder(name)) throw unsupported(`${key}: placeholder %${name}% is not known`);
  const options = optionsOf(spec);
  const place = {};
  return (member, view) => {
    const text = textOf(member);
    const { context } = view;
    if (text === undefined || context === undefined) return false;
    let tests = context.tests.get(place);
    if (tests === undefined) {
      tests = context.list(name).map((entry) => compilePattern(entry, options));
      context.tests.set(place, tests);
    }
    return tests.some((test) => test(text));
  };
}

function encoded(encoding: 'base64' | 'base64offset', key: string, value: Scalar): string[] {
  const literal = literalOf(String(value));
  if (literal === undefined) throw invalid(`${key}: a wildcard cannot be encoded`);
  const bytes = Buffer.from(literal);
  if (encoding === 'base64') return [bytes.toString('base64')];
  // Shifted by 0, 1 and 2 bytes; characters that depend on what stands around are cut off.
  const starts = [0, 2, 3];
  const cuts = [0, 3, 2];
  return starts.map((start, shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64');
    return text.slice(start, text.length - cuts[(bytes.length + shift) % 3]!);
  });
}

function regexTest({ flags }: FieldSpec, key: string, value: Scalar): TextTest {
  if (typeof value !== 'string') throw invalid(`${key}: re needs text`);
  let bits = 0;
  if (flags.includes('i')) bits |= RE2JS.CASE_INSENSITIVE;
  if (flags.includes('m')) bits |= RE2JS.MULTILINE;
  if (flags.includes('s')) bits |= RE2JS.DOTALL;
  try {
    const regex = RE2JS.compile(value, bits);
    return (text) => regex.test(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : 'unknown';
    throw unsupported(`${key}: the expression is not supported (${reason})`);
  }
}

function cidrTest(key: string, value: Scalar): TextTest {
  const [address = '', bits = '', ...rest] = String(value).split('/');
  const family = isIP(address);
  const prefix = /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN;
  if (family === 0 || rest.length > 0 || !(prefix <= (family === 4 ? 32 : 128))) {
    throw invalid(`${key}: ${value} is not a CIDR`);
  }
  const net = new BlockList();
  net.addSubnet(address, prefix, family === 4 ? 'ipv4' : 'ipv6');
  return (text) => {
    const kind = isIP(text);
    return kind !== 0 && net.check(text, kind === 4 ? 'ipv4' : 'ipv6');
  };
}

function numberTest(
  comparison: 'lt' | 'lte' | 'gt' | 'gte',
  key: string,
  value: Scalar,
): ValueTest {
  if (typeof value !== 'number') throw invalid(`${key}: ${comparison} needs a number`);
  const holds = {
    lt: (a: number | bigint) => a < value,
    lte: (a: number | bigint) => a <= value,
    gt: (a: number | bigint) => a > value,
    gte: (a: number | bigint) => a >= value,
  }[comparison];
  return (member) => {
    const number = numberOf(member);
    return number !== undefined && holds(number);
  };
}

/** Records carry fractions and large integers as decimal text. */
function numberOf(member: Json | undefined): number | bigint | undefined {
  if (typeof member === 'number') return member;
  if (typeof member !== 'string' || member.length > 64) return undefined;
  if (/^-?\d+$/.test(member)) return BigInt(member);
  return /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i.test(member) ? Number(member) : undefined;
}
