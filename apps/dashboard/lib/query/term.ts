/** Puts a term into the text of a query. */
import { parseQuery, printQuery, type QueryNode } from '@vitrine/schema/query';

/**
 * The query with `term` besides all it asks; the same term, or its opposite, gives way to it. A
 * text that is no query gives way as well.
 */
export function withTerm(query: string, term: string): string {
  const wanted = read(term);
  const asked = read(query);
  if (asked === null) return term;
  if (wanted === null) return query;
  const terms = asked.type === 'and' ? asked.nodes : [asked];
  const bare = printQuery(bareOf(wanted));
  const others = terms.filter((node) => printQuery(bareOf(node)) !== bare);
  const nodes = [...others, wanted];
  return printQuery(nodes.length === 1 ? nodes[0]! : { type: 'and', nodes });
}

function bareOf(node: QueryNode): QueryNode {
  return node.type === 'not' ? node.node : node;
}

function read(text: string): QueryNode | null {
  try {
    return parseQuery(text);
  } catch {
    return null;
  }
}

export function isQuery(text: string): boolean {
  return text.trim() === '' || read(text) !== null;
}
