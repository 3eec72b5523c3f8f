/** What can be meant by the piece of a query that is being typed: names of fields, and values. */
import { fieldOf, fieldTerm, QUERY_FIELDS } from '@vitrine/schema/query';

export interface Suggestion {
  /** What takes the place of the piece. */
  text: string;
  /** What is shown. */
  label: string;
  /** What it is, in a few words. */
  detail: string;
}

export interface Suggestions {
  /** The piece: of the query's text. */
  from: number;
  to: number;
  items: Suggestion[];
}

/** Values that rows are known to have in a field, the likeliest first. */
export type ValuesOf = (field: string) => readonly string[];

const SHOWN_MAX = 8;

export function suggest(text: string, caret: number, valuesOf: ValuesOf): Suggestions {
  const from = startOfPiece(text, caret);
  const rest = /^[^\s()"]*/.exec(text.slice(caret))![0];
  const to = caret + rest.length;
  const piece = text.slice(from, caret);
  const minus = piece.startsWith('-') ? '-' : '';
  const colon = piece.indexOf(':');
  if (colon < 0) return { from, to, items: names(piece.slice(minus.length), minus) };
  const name = piece.slice(minus.length, colon);
  const typed = piece.slice(colon + 1).replace(/^"/, '');
  if (fieldOf(name) === undefined) return { from, to, items: [] };
  return { from, to, items: values(name, typed, minus, valuesOf(name)) };
}

/** Behind the last blank or parenthesis that no quotation marks hold. */
function startOfPiece(text: string, caret: number): number {
  let from = 0;
  let quoted = false;
  for (let i = 0; i < caret; i++) {
    const char = text[i]!;
    if (char === '\\') i++;
    else if (char === '"') quoted = !quoted;
    else if (!quoted && /[\s()]/.test(char)) from = i + 1;
  }
  return Math.min(from, caret);
}

function names(typed: string, minus: string): Suggestion[] {
  const wanted = typed.toLowerCase();
  const begin = QUERY_FIELDS.filter(({ name }) => name.startsWith(wanted));
  const paths = [...new Set(QUERY_FIELDS.flatMap(({ paths }) => paths ?? []))].filter(
    (path) => wanted !== '' && path.includes('.') && path.startsWith(wanted),
  );
  return [
    ...begin.map(({ name, means }) => ({ name, detail: means.replaceAll('`', '') })),
    ...paths.map((name) => ({ name, detail: 'member of the record' })),
  ]
    .slice(0, SHOWN_MAX)
    .map(({ name, detail }) => ({ text: `${minus}${name}:`, label: name, detail }));
}

function values(
  name: string,
  typed: string,
  minus: string,
  known: readonly string[],
): Suggestion[] {
  const wanted = typed.toLowerCase();
  const begin = known.filter((value) => value.toLowerCase().startsWith(wanted));
  const inside = known.filter((value) => value.toLowerCase().indexOf(wanted) > 0);
  const offered = [...begin, ...inside].filter((value) => value !== typed).slice(0, SHOWN_MAX);
  return offered.map((value) => {
    return { text: `${minus}${fieldTerm(name, value)} `, label: value, detail: name };
  });
}
