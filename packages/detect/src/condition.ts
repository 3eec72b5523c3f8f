/**
 * The condition language (Sigma rules specification 2.1.0, "Condition"): `not` binds tighter than
 * `and`, `and` tighter than `or`; `1 of x*`, `all of x*`, `1 of them`, `all of them`. Every name
 * must exist, and every pattern must find one.
 */
import { RULE_DEPTH_MAX } from '@vitrine/schema';
import { invalid, unsupported } from './error.ts';

export type Condition =
  | { type: 'or' | 'and'; terms: Condition[] }
  | { type: 'not'; term: Condition }
  | { type: 'selection'; name: string };

/** `names`: the search identifiers of the rule. */
export function parseCondition(text: string, names: string[]): Condition {
  const parser = new Parser(text, names);
  return parser.whole();
}

const TOKEN = /[()]|[^\s()]+/g;
const WORDS: ReadonlySet<string> = new Set(['and', 'or', 'not', '(', ')']);

class Parser {
  readonly #tokens: string[];
  readonly #names: string[];
  #at = 0;
  #depth = 0;

  constructor(text: string, names: string[]) {
    if (text.includes('|')) throw unsupported('condition: aggregations are not supported');
    this.#tokens = text.match(TOKEN) ?? [];
    this.#names = names;
  }

  whole(): Condition {
    const condition = this.#or();
    const rest = this.#tokens[this.#at];
    if (rest !== undefined) throw invalid(`condition: ${rest} is not expected`);
    return condition;
  }

  #or(): Condition {
    const terms = [this.#and()];
    while (this.#take('or')) terms.push(this.#and());
    return terms.length === 1 ? terms[0]! : { type: 'or', terms };
  }

  #and(): Condition {
    const terms = [this.#not()];
    while (this.#take('and')) terms.push(this.#not());
    return terms.length === 1 ? terms[0]! : { type: 'and', terms };
  }

  #not(): Condition {
    if (++this.#depth > RULE_DEPTH_MAX) throw invalid('condition: nested too deeply');
    const condition: Condition = this.#take('not')
      ? { type: 'not', term: this.#not() }
      : this.#primary();
    this.#depth--;
    return condition;
  }

  #primary(): Condition {
    if (this.#take('(')) {
      const condition = this.#or();
      if (!this.#take(')')) throw invalid('condition: a parenthesis is not closed');
      return condition;
    }
    const word = this.#word();
    if (this.#tokens[this.#at]?.toLowerCase() === 'of') return this.#quantified(word);
    if (!this.#names.includes(word)) throw invalid(`condition: there is no selection ${word}`);
    return { type: 'selection', name: word };
  }

  #quantified(count: string): Condition {
    this.#at++;
    if (count !== '1' && count.toLowerCase() !== 'all') {
      throw unsupported(`condition: ${count} of is not supported, only 1 of and all of`);
    }
    const pattern = this.#word();
    const found = this.#names.filter((name) =>
      pattern === 'them' ? !name.startsWith('_') : isLike(name, pattern),
    );
    if (found.length === 0) throw invalid(`condition: no selection is like ${pattern}`);
    const terms = found.map((name): Condition => ({ type: 'selection', name }));
    return { type: count === '1' ? 'or' : 'and', terms };
  }

  #word(): string {
    const word = this.#tokens[this.#at];
    if (word === undefined) throw invalid('condition: ends too early');
    if (WORDS.has(word.toLowerCase())) throw invalid(`condition: ${word} is not expected`);
    this.#at++;
    return word;
  }

  #take(word: string): boolean {
    if (this.#tokens[this.#at]?.toLowerCase() !== word) return false;
    this.#at++;
    return true;
  }
}

/** `*` at any place of the pattern stands for any number of characters. */
function isLike(name: string, pattern: string): boolean {
  const [start = '', ...pieces] = pattern.split('*');
  const end = pieces.pop();
  if (end === undefined) return name === pattern;
  let at = start.length;
  if (!name.startsWith(start)) return false;
  for (const piece of pieces) {
    const found = name.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return name.length - end.length >= at && name.endsWith(end);
}
