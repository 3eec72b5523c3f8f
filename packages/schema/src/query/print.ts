/** Writes a query's tree as text that `parseQuery` reads as the same tree. */
import type { FieldTest, Pieces, Query, QueryNode } from './ast.ts';
import { fieldOf } from './fields.ts';
import { valueTest } from './test-of.ts';

export function printQuery(query: Query): string {
  return query === null ? '' : printed(query, 'or');
}

/** `inside`: the loosest operator that needs no parentheses there. */
function printed(node: QueryNode, inside: 'or' | 'and' | 'not'): string {
  switch (node.type) {
    case 'text':
      return wordText(node.pieces);
    case 'field':
      return `${node.field}${testText(node.field, node.test)}`;
    case 'not': {
      const rest = printed(node.node, 'not');
      return node.node.type === 'field' ? `-${rest}` : `NOT ${rest}`;
    }
    case 'and': {
      const text = node.nodes.map((one) => printed(one, 'and')).join(' ');
      return inside === 'not' ? `(${text})` : text;
    }
    case 'or': {
      const text = node.nodes.map((one) => printed(one, 'and')).join(' OR ');
      return inside === 'or' ? text : `(${text})`;
    }
  }
}

function testText(name: string, test: FieldTest): string {
  switch (test.op) {
    case 'is':
      return `:${valueText(name, test.pieces)}`;
    case 'exists':
      return ':*';
    case 'range':
      return `:${test.low ?? '*'}..${test.high ?? '*'}`;
    default:
      return `${test.op}${plain(test.value) ? test.value : quoted(test.value)}`;
  }
}

/** A term `field:value` for exactly this value. */
export function fieldTerm(name: string, value: string): string {
  return `${name}:${valueText(name, [value])}`;
}

function valueText(name: string, pieces: Pieces): string {
  const [text = ''] = pieces;
  if (pieces.length > 1) return escaped(pieces);
  return plain(text) && !/^[<>]/.test(text) && !isRange(name, text) ? text : quoted(text);
}

/** Whether an unquoted text would be read as something other than itself. */
function isRange(name: string, text: string): boolean {
  const field = fieldOf(name);
  if (field === undefined || !text.includes('..') || field.type === 'text') return false;
  const word = { pieces: [text], raw: text, at: { from: 0, to: text.length } };
  return field.type !== 'member' || valueTest(field, word, false).op === 'range';
}

function wordText(pieces: Pieces): string {
  const [text = ''] = pieces;
  if (pieces.length > 1) return escaped(pieces);
  // What looks like a term, an operator or a negation of one is none.
  const safe = plain(text) && !/[:<>=]/.test(text) && !text.startsWith('-');
  return safe && !/^(and|or|not)$/i.test(text) ? text : quoted(text);
}

/** Nothing in it means anything else, and it is there. */
function plain(text: string): boolean {
  return /^[^\s()"*\\]+$/.test(text) && !/^(AND|OR|NOT)$/.test(text);
}

function quoted(text: string): string {
  return `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
}

/** A word with wildcards, which quotation marks would take away. */
function escaped(pieces: Pieces): string {
  return pieces.map((piece) => piece.replaceAll(/[*"()\\\s:<>=-]/g, '\\$&')).join('*');
}
