/**
 * From the text of a query to its tree: `field:value` with ranges, lists, wildcards and existence;
 * AND (which may be left out), OR, NOT, `-`, parentheses; quoted phrases and words. Runs in a
 * browser as well. docs/reference/query.md describes the language.
 */
import { QUERY_CHARS_MAX, QUERY_DEPTH_MAX, QUERY_TERMS_MAX } from '../limits.ts';
import type { Bound, Query, QueryNode, Span } from './ast.ts';
import { fieldOf, MEMBER_PREFIX, nearestField, type QueryField } from './fields.ts';
import { queryFault, Scanner, type Word } from './scanner.ts';
import { boundTest, valueTest } from './test-of.ts';

/** Throws QueryError, which says where (`at`) and what to do. */
export function parseQuery(text: string): Query {
  if (text.length > QUERY_CHARS_MAX) {
    const at = { from: QUERY_CHARS_MAX, to: text.length };
    const hint = `ask with at most ${QUERY_CHARS_MAX} characters`;
    throw queryFault('QUERY_TOO_LARGE', at, 'the query is too long', hint);
  }
  return new Parser(text).query();
}

/** In front of the values of a list stands the field that they are of. */
type Of = QueryField | undefined;

interface Item {
  node: QueryNode;
  /** Of a word that nobody quoted. */
  word?: Word;
}

class Parser {
  readonly #scanner: Scanner;
  #depth = 0;
  #terms = 0;

  constructor(text: string) {
    this.#scanner = new Scanner(text);
  }

  query(): Query {
    const scanner = this.#scanner;
    scanner.skipSpace();
    if (scanner.isDone) return null;
    const node = this.#or(undefined);
    if (scanner.isDone) return node;
    const hint = 'take it away, or put the text around it into quotation marks';
    throw queryFault('QUERY_SYNTAX', scanner.here, 'this parenthesis was never opened', hint);
  }

  #or(of: Of): QueryNode {
    const nodes = [this.#and(of)];
    while (this.#takes('OR')) nodes.push(this.#and(of));
    return groupOf('or', nodes);
  }

  #and(of: Of): QueryNode {
    const items = [this.#unary(of)];
    for (;;) {
      if (!this.#takes('AND')) {
        if (this.#atEnd || this.#scanner.operator === 'OR') break;
        if (of !== undefined) throw this.#unjoined();
      }
      items.push(this.#unary(of));
    }
    refuseSmallOperators(items);
    return groupOf(
      'and',
      items.map(({ node }) => node),
    );
  }

  get #atEnd(): boolean {
    this.#scanner.skipSpace();
    return this.#scanner.isDone || this.#scanner.char === ')';
  }

  #takes(word: string): boolean {
    this.#scanner.skipSpace();
    return this.#scanner.takeOperator(word);
  }

  #unary(of: Of): Item {
    const scanner = this.#scanner;
    const from = scanner.pos;
    if (this.#takes('NOT')) return this.#negated(of, { from, to: scanner.pos });
    if (of === undefined && this.#isMinus()) {
      scanner.pos++;
      return this.#negated(of, { from: scanner.pos - 1, to: scanner.pos });
    }
    return this.#primary(of);
  }

  #negated(of: Of, at: Span): Item {
    const { node } = this.#deeper(at, () => this.#unary(of));
    return { node: { type: 'not', node } };
  }

  /** `-` negates what can be nothing but a term; `-rf` is a word. */
  #isMinus(): boolean {
    const { text, pos, char } = this.#scanner;
    if (char !== '-') return false;
    const next = text[pos + 1];
    return next === '(' || next === '"' || this.#headAt(pos + 1) !== undefined;
  }

  #primary(of: Of): Item {
    const scanner = this.#scanner;
    scanner.skipSpace();
    if (scanner.isDone || scanner.char === ')' || scanner.operator !== undefined) {
      throw this.#nothingHere();
    }
    if (scanner.char === '(') return { node: this.#group(of) };
    const head = of === undefined ? this.#headAt(scanner.pos) : undefined;
    if (head !== undefined) return { node: this.#field(head) };
    const quoted = scanner.char === '"';
    const word = quoted ? scanner.phrase() : scanner.word();
    this.#count(word.at);
    if (of !== undefined) {
      const test = valueTest(of, word, quoted);
      return { node: { type: 'field', field: of.name, test, at: word.at } };
    }
    const node = { type: 'text', pieces: word.pieces, at: word.at } as const;
    return quoted ? { node } : { node, word };
  }

  #nothingHere(): Error {
    const { here, operator, isDone } = this.#scanner;
    const at = { from: here.from, to: here.from + (operator?.length ?? here.to - here.from) };
    const [message, hint] = isDone
      ? ['something is missing at the end', 'write a word, a phrase, or field:value']
      : [
          `a word, a phrase or field:value must stand before ${operator ?? ')'}`,
          `to look for the text ${operator ?? ')'}, put it into quotation marks`,
        ];
    return queryFault('QUERY_SYNTAX', at, message!, hint!);
  }

  #unjoined(): Error {
    const hint = 'write OR (or AND) between them, or quotation marks around a value with a blank';
    const message = 'the values of a list stand side by side';
    return queryFault('QUERY_SYNTAX', this.#scanner.here, message, hint);
  }

  #group(of: Of): QueryNode {
    const scanner = this.#scanner;
    const opened = scanner.here;
    scanner.pos++;
    const node = this.#deeper(opened, () => this.#or(of));
    scanner.skipSpace();
    if (scanner.char !== ')') {
      const hint = 'write ) where it ends, or put the text around it into quotation marks';
      throw queryFault('QUERY_SYNTAX', opened, 'this parenthesis is never closed', hint);
    }
    scanner.pos++;
    return node;
  }

  #deeper<T>(at: Span, read: () => T): T {
    if (++this.#depth > QUERY_DEPTH_MAX) {
      const hint = `nest at most ${QUERY_DEPTH_MAX} levels`;
      throw queryFault('QUERY_TOO_LARGE', at, 'the query is nested too deeply', hint);
    }
    const result = read();
    this.#depth--;
    return result;
  }

  #count(at: Span): void {
    if (++this.#terms <= QUERY_TERMS_MAX) return;
    const hint = `ask for at most ${QUERY_TERMS_MAX} words and values at once`;
    throw queryFault('QUERY_TOO_LARGE', at, 'the query has too many terms', hint);
  }

  /** The name of a field with its operator, if that is what stands at `pos`. */
  #headAt(pos: number): { field: QueryField; operator: string; at: Span } | undefined {
    const head = this.#scanner.headAt(pos);
    if (head === undefined) return undefined;
    const { name, operator, spaced, at } = head;
    const field = fieldOf(name);
    const isColon = operator === ':';
    if (isColon && !spaced) return { field: field ?? unknownField(head), operator, at };
    // In any other text `a > b`, `a=b` and `a :` are nothing but words.
    if (field === undefined) return undefined;
    if (operator !== '=') return { field, operator, at };
    if (spaced) return undefined;
    const hint = `write ${name}:value, or put the text into quotation marks`;
    throw queryFault('QUERY_SYNTAX', at, '= does not compare here', hint);
  }

  #field({ field, operator, at }: { field: QueryField; operator: string; at: Span }): QueryNode {
    const scanner = this.#scanner;
    scanner.pos = at.to;
    const bound = operator === ':' ? scanner.takeBound() : (operator as Bound);
    scanner.skipSpace();
    if (this.#atEnd || scanner.operator !== undefined) {
      const hint = `write ${field.name}:value; ${field.name}:* asks whether there is one`;
      throw queryFault('QUERY_SYNTAX', at, `${field.name} has no value`, hint);
    }
    if (scanner.char === '(' && bound === undefined) return this.#group(field);
    const quoted = scanner.char === '"';
    const value = quoted ? scanner.phrase() : scanner.word();
    const span = { from: at.from, to: value.at.to };
    this.#count(span);
    const test =
      bound === undefined ? valueTest(field, value, quoted) : boundTest(field, bound, value);
    return { type: 'field', field: field.name, test, at: span };
  }
}

function unknownField({ name, at }: { name: string; at: Span }): never {
  const nearest = nearestField(name);
  const guess = nearest === undefined ? '' : `did you mean ${nearest}? `;
  const member = `a member of that name is ${MEMBER_PREFIX}${name}`;
  const hint = `${guess}${member}; to look for the text, put it into quotation marks`;
  const span = { from: at.from, to: at.from + name.length };
  throw queryFault('QUERY_FIELD_UNKNOWN', span, `there is no field ${name}`, hint);
}

/** Groups of the same kind are one. */
function groupOf(type: 'and' | 'or', nodes: QueryNode[]): QueryNode {
  if (nodes.length === 1) return nodes[0]!;
  return { type, nodes: nodes.flatMap((node) => (node.type === type ? node.nodes : [node])) };
}

/** Beside a term, a small `or` is meant as the operator: as a word it would hide answers. */
function refuseSmallOperators(items: readonly Item[]): void {
  for (const [i, { word }] of items.entries()) {
    if (word === undefined || !/^(and|or|not)$/i.test(word.raw)) continue;
    const beside = [items[i - 1], items[i + 1]];
    if (beside.every((item) => item === undefined || item.node.type === 'text')) continue;
    const operator = word.raw.toUpperCase();
    const message = `${word.raw} is a word like any other`;
    const hint = `write ${operator}, or "${word.raw}" to look for the word`;
    throw queryFault('QUERY_SYNTAX', word.at, message, hint);
  }
}
