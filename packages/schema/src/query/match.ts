/**
 * Whether a row is an answer to a query, decided in JavaScript: for rows that are followed live,
 * and as the oracle of what the store compiles. Linear in the text, whatever the query.
 */
import { type Json, readPath } from '../json.ts';
import type { FieldNode, FieldTest, Pieces, Query, QueryNode, TextNode } from './ast.ts';
import { type ColumnName, fieldOf, MEMBER_PREFIX, type QueryField } from './fields.ts';
import { decimalOf, fixedSpan, isRank, severityRank } from './value.ts';

/** The columns of a stored row, and its record as text. */
export interface QueryRow {
  agent: string;
  idx: number;
  kind: string;
  /** Nanoseconds, decimal. */
  observed: string;
  peer: string;
  record: string;
  sandbox: string;
  /** `null` for a seal. */
  seq: number | null;
  session: string;
  severity: number;
  shim: string;
  subject: string;
  /** Nanoseconds, decimal. */
  t: string;
  title: string;
  vantage: string;
  via: string;
}

type Matcher = (row: RowTexts) => boolean;

/** Of a query whose times are fixed. */
export function matcherOf(query: Query): (row: QueryRow) => boolean {
  if (query === null) return () => true;
  const matches = matcher(query);
  return (row) => matches(new RowTexts(row));
}

/** A row, and what is made of it once for all terms. */
class RowTexts {
  readonly row: QueryRow;
  #record: Json | undefined;
  #folded: string | undefined;
  #lower: string | undefined;

  constructor(row: QueryRow) {
    this.row = row;
  }

  /** Values at a path: those of a list one by one, as text; none where there is nothing. */
  valuesAt(path: string): string[] {
    this.#record ??= JSON.parse(this.row.record) as Json;
    const value = readPath(this.#record, path);
    const list = Array.isArray(value) ? value : [value];
    return list.filter(isScalar).map(String);
  }

  holds(path: string): boolean {
    this.#record ??= JSON.parse(this.row.record) as Json;
    return (readPath(this.#record, path) ?? null) !== null;
  }

  textFor(isAscii: boolean): string {
    if (isAscii) {
      this.#folded ??= foldAscii(this.row.record);
      return this.#folded;
    }
    this.#lower ??= this.row.record.toLowerCase();
    return this.#lower;
  }
}

function isScalar(value: Json | undefined): value is string | number | boolean {
  return value !== undefined && value !== null && typeof value !== 'object';
}

function matcher(node: QueryNode): Matcher {
  switch (node.type) {
    case 'and': {
      const all = node.nodes.map((one) => matcher(one));
      return (row) => all.every((matches) => matches(row));
    }
    case 'or': {
      const any = node.nodes.map((one) => matcher(one));
      return (row) => any.some((matches) => matches(row));
    }
    case 'not': {
      const matches = matcher(node.node);
      return (row) => !matches(row);
    }
    case 'text':
      return textMatcher(node);
    case 'field':
      return fieldMatcher(node);
  }
}

/** Of a record's text as it is stored, in any case: with JSON's escapes, or written with them. */
function textMatcher({ pieces }: TextNode): Matcher {
  const forms = recordForms(pieces).map((form) => foldedPieces(['', ...form, '']));
  return (row) => forms.some(({ isAscii, parts }) => inOrder(row.textFor(isAscii), parts));
}

/**
 * How a text may stand in a record: as it is, and as JSON writes it. What has control characters
 * never stands in a record as it is.
 */
export function recordForms(pieces: Pieces): Pieces[] {
  const escaped = pieces.map((piece) => JSON.stringify(piece).slice(1, -1));
  if (pieces.every((piece, i) => piece === escaped[i])) return [pieces];
  const asItIs = pieces.every((piece) => !hasControl(piece));
  return asItIs ? [pieces, escaped] : [escaped];
}

function hasControl(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) < 0x20) return true;
  return false;
}

function fieldMatcher(node: FieldNode): Matcher {
  const field = fieldOf(node.field)!;
  if (field.type === 'severity') return severityMatcher(node.test);
  if (field.type === 'member') return memberMatcher(field, node.test);
  const column = field.column!;
  if (field.type === 'text') return textColumnMatcher(column, node.test, field.exact === true);
  if (node.test.op === 'exists') return ({ row }) => (column === 'seq' ? row.seq !== null : true);
  const [low, high] = interval(node.test, field.type === 'time' ? timesOf : numbersOf);
  return ({ row }) => {
    const value = row[column];
    if (value === null) return false;
    const at = BigInt(value);
    return (low === null || at >= low) && (high === null || at <= high);
  };
}

function textColumnMatcher(column: ColumnName, test: FieldTest, exact: boolean): Matcher {
  if (test.op !== 'is') return ({ row }) => row[column] !== '';
  const { pieces } = test;
  const matches = exact ? (text: string) => inOrder(text, pieces) : valueMatcher(pieces);
  return ({ row }) => matches(String(row[column]));
}

function memberMatcher(field: QueryField, test: FieldTest): Matcher {
  const paths = pathsOf(field);
  if (test.op === 'exists') return (row) => paths.some((path) => row.holds(path));
  const matches = test.op === 'is' ? valueMatcher(test.pieces) : decimalMatcher(test);
  return (row) => paths.some((path) => row.valuesAt(path).some(matches));
}

/** Members that a field asks. */
export function pathsOf({ paths }: QueryField): readonly string[] {
  return paths!.map((path) =>
    path.startsWith(MEMBER_PREFIX) ? path.slice(MEMBER_PREFIX.length) : path,
  );
}

function decimalMatcher(test: FieldTest): (text: string) => boolean {
  const [low, high] = interval(test, decimalEnds);
  return (text) => {
    const value = decimalOf(text);
    if (value === undefined) return false;
    return (low === null || value >= low) && (high === null || value <= high);
  };
}

/** Alerts alone have a word; every row has a rank. */
function severityMatcher(test: FieldTest): Matcher {
  if (test.op === 'exists') return ({ row }) => row.severity > 0;
  if (isByRank(test)) {
    const [low, high] = interval(test, numbersOf);
    return ({ row: { severity } }) =>
      (low === null || BigInt(severity) >= low) && (high === null || BigInt(severity) <= high);
  }
  const [low, high] = interval(test, wordsOf);
  return (row) => {
    if (row.row.severity < ALERT_SEVERITY_MIN) return false;
    return row.valuesAt('severity').some((word) => {
      const rank = BigInt(severityRank(word));
      return rank >= 0n && (low === null || rank >= low) && (high === null || rank <= high);
    });
  };
}

/** The least that `eventSeverity` gives an alert. */
export const ALERT_SEVERITY_MIN = 3;

export function isByRank(test: FieldTest): boolean {
  if (test.op === 'exists') return true;
  if (test.op === 'is') return isRank(test.pieces[0]!);
  return isRank(test.op === 'range' ? (test.low ?? test.high)! : test.value);
}

/** What a written value stands for: the first and the last that it means. */
type Ends = (text: string) => readonly [first: bigint, last: bigint];

export const numbersOf: Ends = (text) => [BigInt(text), BigInt(text)];
export const wordsOf: Ends = (text) => [BigInt(severityRank(text)), BigInt(severityRank(text))];
export const decimalEnds: Ends = (text) => [decimalOf(text)!, decimalOf(text)!];
export const timesOf: Ends = (text) => {
  const { first, last } = fixedSpan(text);
  return [first, last];
};

/** The values that a comparison lets through, both ends among them; `null`: no end. */
export function interval(test: FieldTest, ends: Ends): [low: bigint | null, high: bigint | null] {
  switch (test.op) {
    case 'exists':
      return [null, null];
    case 'is': {
      const [first, last] = ends(test.pieces[0]!);
      return [first, last];
    }
    case 'range':
      return [
        test.low === null ? null : ends(test.low)[0],
        test.high === null ? null : ends(test.high)[1],
      ];
    case '<':
      return [null, ends(test.value)[0] - 1n];
    case '<=':
      return [null, ends(test.value)[1]];
    case '>':
      return [ends(test.value)[1] + 1n, null];
    case '>=':
      return [ends(test.value)[0], null];
  }
}

function valueMatcher(pieces: Pieces): (text: string) => boolean {
  const { isAscii, parts } = foldedPieces(pieces);
  return (text) => inOrder(isAscii ? foldAscii(text) : text.toLowerCase(), parts);
}

/** Case is folded in ASCII alone where what is asked for is ASCII: other letters stay others. */
export function foldedPieces(pieces: Pieces): { isAscii: boolean; parts: Pieces } {
  const isAscii = pieces.every((piece) => /^[\x00-\x7f]*$/.test(piece));
  return {
    isAscii,
    parts: pieces.map((piece) => (isAscii ? foldAscii(piece) : piece.toLowerCase())),
  };
}

function foldAscii(text: string): string {
  return text.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** Whether the parts make the text, with anything between them: the leftmost fit is enough. */
function inOrder(text: string, parts: Pieces): boolean {
  const first = parts[0]!;
  if (parts.length === 1) return text === first;
  const last = parts.at(-1)!;
  if (!text.startsWith(first) || !text.endsWith(last)) return false;
  let from = first.length;
  for (const part of parts.slice(1, -1)) {
    const at = text.indexOf(part, from);
    if (at < 0) return false;
    from = at + part.length;
  }
  return from <= text.length - last.length;
}
