/**
 * Reads `field|modifier|modifier` (Sigma modifiers appendix 2.1.0). A modifier that is unknown,
 * that this engine cannot honour, or that contradicts another is refused by name.
 */
import { invalid, unsupported } from './error.ts';

export type Comparison =
  | 'equals'
  | 'contains'
  | 'startswith'
  | 'endswith'
  | 're'
  | 'cidr'
  | 'exists'
  | 'lt'
  | 'lte'
  | 'gt'
  | 'gte';

export interface FieldSpec {
  /** Empty for a search over the whole record. */
  name: string;
  comparison: Comparison;
  all: boolean;
  cased: boolean;
  neq: boolean;
  expand: boolean;
  fieldref: boolean;
  encoding: 'base64' | 'base64offset' | undefined;
  /** Sub-modifiers of `re`: any of `i`, `m`, `s`. */
  flags: string;
}

const COMPARISONS: ReadonlySet<string> = new Set([
  'contains',
  'startswith',
  'endswith',
  're',
  'cidr',
  'exists',
  'lt',
  'lte',
  'gt',
  'gte',
]);
const SWITCHES: ReadonlySet<string> = new Set(['all', 'cased', 'neq', 'expand', 'fieldref']);
const TEXTUAL: ReadonlySet<Comparison> = new Set(['equals', 'contains', 'startswith', 'endswith']);
/** Named in the specification; refused, because nothing in a record is written that way. */
const FOREIGN: ReadonlySet<string> = new Set([
  'windash',
  'utf16le',
  'utf16be',
  'utf16',
  'wide',
  'minute',
  'hour',
  'day',
  'week',
  'month',
  'year',
]);

export function parseField(key: string): FieldSpec {
  const [name = '', ...modifiers] = key.split('|');
  const spec: FieldSpec = {
    name,
    comparison: 'equals',
    all: false,
    cased: false,
    neq: false,
    expand: false,
    fieldref: false,
    encoding: undefined,
    flags: '',
  };
  for (const modifier of modifiers) applyModifier(spec, modifier, key);
  assertSensible(spec, key);
  return spec;
}

function applyModifier(spec: FieldSpec, modifier: string, key: string): void {
  if (COMPARISONS.has(modifier)) {
    if (spec.comparison !== 'equals') {
      throw invalid(`${key}: ${modifier} cannot follow ${spec.comparison}`);
    }
    spec.comparison = modifier as Comparison;
  } else if (SWITCHES.has(modifier)) {
    const name = modifier as 'all' | 'cased' | 'neq' | 'expand' | 'fieldref';
    if (spec[name]) throw invalid(`${key}: ${modifier} stands twice`);
    spec[name] = true;
  } else if (modifier === 'base64' || modifier === 'base64offset') {
    if (spec.encoding !== undefined || spec.comparison !== 'equals') {
      throw invalid(`${key}: ${modifier} must stand once, before any comparison`);
    }
    spec.encoding = modifier;
  } else if (modifier === 'i' || modifier === 'm' || modifier === 's') {
    if (spec.comparison !== 're' || spec.flags.includes(modifier)) {
      throw invalid(`${key}: ${modifier} must stand once, after re`);
    }
    spec.flags += modifier;
  } else if (FOREIGN.has(modifier)) {
    throw unsupported(`${key}: modifier ${modifier} is not supported`);
  } else {
    throw invalid(`${key}: there is no modifier ${modifier === '' ? "''" : modifier}`);
  }
}

function assertSensible(spec: FieldSpec, key: string): void {
  const { comparison, encoding, expand, fieldref } = spec;
  const textual = TEXTUAL.has(comparison);
  const demands: [boolean, string][] = [
    [spec.cased && !textual, `cased has no meaning with ${comparison}`],
    [spec.neq && comparison !== 'equals', `neq has no meaning with ${comparison}`],
    [expand && !textual, `expand has no meaning with ${comparison}`],
    [fieldref && !textual, `fieldref has no meaning with ${comparison}`],
    [fieldref && expand, 'fieldref and expand exclude each other'],
    [encoding !== undefined && !textual, `${encoding} has no meaning with ${comparison}`],
    [encoding !== undefined && (expand || fieldref), `${encoding} needs a value of its own`],
    [encoding === 'base64offset' && comparison !== 'contains', 'base64offset needs contains'],
    [spec.all && (comparison === 'exists' || spec.neq), 'all has no meaning here'],
    [spec.name === '' && (spec.all === false || comparison !== 'equals'), 'a field has no name'],
    [spec.name === '' && (spec.neq || expand || fieldref), 'keywords allow no other modifier'],
  ];
  const broken = demands.find(([isBroken]) => isBroken);
  if (broken !== undefined) throw invalid(`${key}: ${broken[1]}`);
}
