/**
 * A query over records as a tree: what `parse.ts` makes of a text, `print.ts` writes back, and both
 * `match.ts` and the store's compiler give the same meaning.
 */

/** A stretch of the query's text, in UTF-16 units from 0; `to` is exclusive. */
export interface Span {
  from: number;
  to: number;
}

/** Text between wildcards: one piece has none, `['a', '']` is `a*`. */
export type Pieces = readonly string[];

export type Bound = '<' | '<=' | '>' | '>=';

/** What is asked of a field. Values stand as they were written; their form has been checked. */
export type FieldTest =
  | { op: 'is'; pieces: Pieces }
  | { op: 'exists' }
  | { op: Bound; value: string }
  /** Both ends belong to it; `null`: it has none on that side. */
  | { op: 'range'; low: string | null; high: string | null };

export interface TextNode {
  type: 'text';
  pieces: Pieces;
  at: Span;
}

export interface FieldNode {
  type: 'field';
  /** A name of `fields.ts`, or the dotted path of a member. */
  field: string;
  test: FieldTest;
  at: Span;
}

export interface GroupNode {
  type: 'and' | 'or';
  /** Two or more, none of them of this type. */
  nodes: readonly QueryNode[];
}

export interface NotNode {
  type: 'not';
  node: QueryNode;
}

export type QueryNode = TextNode | FieldNode | GroupNode | NotNode;

/** `null`: nothing is asked, and every record is an answer. */
export type Query = QueryNode | null;

/** Looks for a text as it is. */
export function textNode(text: string): TextNode {
  return { type: 'text', pieces: [text], at: { from: 0, to: 0 } };
}
