/** What a written value asks of a field, and whether that field can be asked it. */
import type { Bound, FieldTest } from './ast.ts';
import { type QueryField, SEVERITY_WORDS } from './fields.ts';
import { queryFault, type Word } from './scanner.ts';
import { decimalOf, isInteger, isRank, isTime, severityRank } from './value.ts';

const RANGE_GAP = '..';
/** An end of a range that is open. */
const OPEN = '*';

type End = string | null;

/** Of `field:value`. */
export function valueTest(field: QueryField, word: Word, quoted: boolean): FieldTest {
  const { pieces, raw } = word;
  if (!quoted && pieces.length === 2 && pieces.join('') === '') return { op: 'exists' };
  const range = quoted ? undefined : rangeOf(field, word);
  if (range !== undefined) return range;
  if (field.type === 'text' || field.type === 'member') return { op: 'is', pieces };
  const text = pieces.length === 1 ? pieces[0]! : raw;
  if (field.type === 'number' ? !isInteger(text) : !isComparable(field, text)) {
    throw invalid(field, word, text);
  }
  return { op: 'is', pieces: [text] };
}

/** Of `field>value` and the like. */
export function boundTest(field: QueryField, op: Bound, word: Word): FieldTest {
  const value = word.pieces.length === 1 ? word.pieces[0]! : word.raw;
  if (!isComparable(field, value)) throw invalid(field, word, value);
  return { op, value };
}

function rangeOf(field: QueryField, word: Word): FieldTest | undefined {
  const { raw } = word;
  const gap = raw.indexOf(RANGE_GAP);
  if (gap < 0 || field.type === 'text') return undefined;
  const ends = [raw.slice(0, gap), raw.slice(gap + RANGE_GAP.length)] as const;
  const [low, high] = ends.map((end) => (end === OPEN ? null : end)) as [End, End];
  const given = ends.filter((end) => end !== OPEN);
  const isRange = given.length > 0 && given.every((end) => isComparable(field, end));
  if (isRange && hasOneMeasure(field, given)) return { op: 'range', low, high };
  // A member may be any text, such as ../etc.
  if (field.type === 'member') return undefined;
  throw invalid(field, word, raw);
}

/** A severity is a word or a rank: one range cannot be of both. */
function hasOneMeasure(field: QueryField, ends: readonly string[]): boolean {
  return field.type !== 'severity' || new Set(ends.map(isRank)).size === 1;
}

function isComparable({ type }: QueryField, text: string): boolean {
  if (type === 'time') return isTime(text);
  if (type === 'severity') return isRank(text) || severityRank(text) >= 0;
  if (type === 'number') return isInteger(text);
  return type === 'member' && decimalOf(text) !== undefined;
}

const EXPECTED: Record<QueryField['type'], [what: string, hint: string]> = {
  text: ['is text, which has no order', 'write it with a colon; * stands for any characters'],
  number: ['is a whole number', 'write a number such as 42, or a range such as 40..49'],
  time: ['is a time', 'write now-1h, 2026-11-29, 2026-11-29T10:30:00Z, or a range of two'],
  severity: ['is a severity', `write ${SEVERITY_WORDS.join(', ')}, or a rank from 0 to 5`],
  member: ['is compared with numbers', 'write a number such as 1000, or a colon for a text'],
};

function invalid({ name, type }: QueryField, { at }: Word, text: string): Error {
  const [what, hint] = EXPECTED[type];
  return queryFault('QUERY_VALUE_INVALID', at, `${name} ${what}, not ${text}`, hint);
}
