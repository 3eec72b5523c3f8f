/**
 * Reads the pieces of a query's text from left to right: words with their wildcards and escapes,
 * quoted phrases, the names in front of values. What it refuses says where, and what to do.
 */
import { type QueryCode, QueryError } from '../error.ts';
import { QUERY_WILDCARDS_MAX } from '../limits.ts';
import type { Bound, Pieces, Span } from './ast.ts';

/** A refusal of the query at a stretch of its text. */
export function queryFault(code: QueryCode, at: Span, message: string, hint: string): QueryError {
  return new QueryError(code, at, `${message} (column ${at.from + 1})`, hint);
}

export interface Word {
  pieces: Pieces;
  /** As it stands in the query. */
  raw: string;
  at: Span;
}

export interface Head {
  name: string;
  operator: ':' | Bound;
  at: Span;
}

/** After a backslash these stand for themselves; before anything else it is a backslash. */
const ESCAPABLE = /[*"()\\\s:<>=-]/;
const HEAD = /([A-Za-z_][\w-]*(?:\.[\w-]+)*)(\s*)(:|>=|<=|>|<|=)/y;
const SCHEME = /[A-Za-z][\w+.-]*:\/\//y;
const BOUND = /\s*(>=|<=|>|<)/y;
const OPERATOR = /(AND|OR|NOT)(?=[\s()]|$)/y;
const SPACE = /\s*/y;

export class Scanner {
  readonly text: string;
  pos = 0;

  constructor(text: string) {
    this.text = text;
  }

  get char(): string {
    return this.text[this.pos] ?? '';
  }

  get isDone(): boolean {
    return this.pos >= this.text.length;
  }

  /** The next character, or the place behind the last one. */
  get here(): Span {
    return { from: this.pos, to: Math.min(this.text.length, this.pos + 1) };
  }

  skipSpace(): void {
    this.#take(SPACE);
  }

  /** Whether one of the words in capitals stands here; it is not taken. */
  get operator(): string | undefined {
    return this.#look(OPERATOR)?.[1];
  }

  takeOperator(word: string): boolean {
    if (this.operator !== word) return false;
    this.pos += word.length;
    return true;
  }

  /** What could be the name of a field and what follows it, from `pos` on; it is not taken. */
  headAt(
    pos: number,
  ): (Omit<Head, 'operator'> & { operator: string; spaced: boolean }) | undefined {
    if (this.#look(SCHEME, pos) !== null) return undefined;
    const match = this.#look(HEAD, pos);
    if (match === null) return undefined;
    const [whole, name, space, operator] = match;
    const at = { from: pos, to: pos + whole.length };
    return { name: name!, operator: operator!, spaced: space !== '', at };
  }

  /** `>=` and the like, also behind a colon. */
  takeBound(): Bound | undefined {
    return this.#take(BOUND)?.[1] as Bound | undefined;
  }

  phrase(): Word {
    const from = this.pos++;
    let text = '';
    for (; this.char !== '"'; this.pos++) {
      if (this.isDone) {
        const hint = 'end the phrase with a quotation mark; one inside it is written \\"';
        throw queryFault('QUERY_SYNTAX', { from, to: from + 1 }, 'this phrase has no end', hint);
      }
      const next = this.text[this.pos + 1];
      if (this.char === '\\' && (next === '"' || next === '\\')) this.pos++;
      text += this.char;
    }
    this.pos++;
    const at = { from, to: this.pos };
    this.#mustEnd(at);
    return { pieces: [text], raw: text, at };
  }

  word(): Word {
    const from = this.pos;
    const pieces = [''];
    for (; !this.isDone && !/[\s()"]/.test(this.char); this.pos++) {
      const next = this.text[this.pos + 1] ?? '';
      if (this.char === '*') {
        if (pieces.length === 1 || pieces.at(-1) !== '') pieces.push('');
        continue;
      }
      if (this.char === '\\' && ESCAPABLE.test(next)) this.pos++;
      pieces[pieces.length - 1] += this.char;
    }
    const at = { from, to: this.pos };
    if (this.char !== ')') this.#mustEnd(at);
    if (pieces.length - 1 > QUERY_WILDCARDS_MAX) {
      const hint = `use at most ${QUERY_WILDCARDS_MAX}, or quote the text to mean the character`;
      throw queryFault('QUERY_TOO_LARGE', at, 'this value has too many wildcards', hint);
    }
    return { pieces, raw: this.text.slice(from, this.pos), at };
  }

  /** What stands directly behind a word would be a second word, which nobody means. */
  #mustEnd(at: Span): void {
    if (this.isDone || /[\s)]/.test(this.char)) return;
    const message = `${this.char} follows without a blank`;
    const hint = 'put the whole text into quotation marks, or a blank between the two';
    throw queryFault('QUERY_SYNTAX', { from: at.from, to: this.pos + 1 }, message, hint);
  }

  #look(pattern: RegExp, pos = this.pos): RegExpExecArray | null {
    pattern.lastIndex = pos;
    return pattern.exec(this.text);
  }

  #take(pattern: RegExp): RegExpExecArray | null {
    const match = this.#look(pattern);
    if (match !== null) this.pos += match[0].length;
    return match;
  }
}
