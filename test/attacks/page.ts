/** Reads LOG.md §5 for the clauses that refuse something, and who claims them. */
import { readFileSync } from 'node:fs';
import type { Row } from './row.ts';

const PAGE = new URL('../../docs/reference/log.md', import.meta.url);
/** `(3)`, `(3 if absent or other)`, `(1 each)`: a clause that names the code of its refusal. */
const CODE = /\([1-5](?: [a-z ]+)?\)/g;

/** The steps of §5 and what they leave to the reader, in one line: line breaks mean nothing. */
export function readSteps(): string {
  const page = readFileSync(PAGE, 'utf8');
  const section = /\n## 5\. [\s\S]*?(?=\n## 6\. )/.exec(page)?.[0] ?? '';
  const steps = /\n1\. [\s\S]*?(?=\n\nCodes: )/.exec(section)?.[0] ?? '';
  const reader = /\n### What the steps leave to the reader\n[\s\S]*/.exec(section)?.[0] ?? '';
  return inOneLine(`${steps} ${reader}`);
}

export function inOneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

/** Clauses with a code that lie in no quotation of a row; with some words before, to find them. */
export function unclaimed(steps: string, rows: Row[]): string[] {
  const quotes = new Set(rows.filter(isOfPage).map(({ text }) => inOneLine(text)));
  const claimed = [...quotes].flatMap((quote) => placesOf(steps, quote));
  return [...steps.matchAll(CODE)]
    .filter(({ index, 0: code }) => {
      return !claimed.some(([from, to]) => from <= index && index + code.length <= to);
    })
    .map(({ index, 0: code }) => `…${steps.slice(Math.max(0, index - 60), index + code.length)}`);
}

/** Rows that quote what the page does not say. */
export function misquoting(steps: string, rows: Row[]): string[] {
  return rows
    .filter((row) => isOfPage(row) && !steps.includes(inOneLine(row.text)))
    .map(({ id, text }) => `${id}: ${text}`);
}

function isOfPage({ source }: Row): boolean {
  return source === 'LOG.md §5';
}

/** Where a quotation stands. */
function placesOf(steps: string, quote: string): [from: number, to: number][] {
  const places: [number, number][] = [];
  for (let at = steps.indexOf(quote); at >= 0; at = steps.indexOf(quote, at + 1)) {
    places.push([at, at + quote.length]);
  }
  return places;
}
