/** Puts the clock's time in the place of `now`, so that all pages of one answer ask the same. */
import type { FieldTest, Query, QueryNode } from './ast.ts';
import { fieldOf } from './fields.ts';
import { RELATIVE_TIME, timeSpan } from './value.ts';

export function fixTimes(query: Query, nowNs: bigint): Query {
  return query === null ? null : fixed(query, nowNs);
}

function fixed(node: QueryNode, nowNs: bigint): QueryNode {
  switch (node.type) {
    case 'text':
      return node;
    case 'not':
      return { ...node, node: fixed(node.node, nowNs) };
    case 'field': {
      const isTime = fieldOf(node.field)?.type === 'time';
      return isTime ? { ...node, test: fixedTest(node.test, nowNs) } : node;
    }
    default:
      return { ...node, nodes: node.nodes.map((one) => fixed(one, nowNs)) };
  }
}

function fixedTest(test: FieldTest, nowNs: bigint): FieldTest {
  const ns = (text: string): string =>
    RELATIVE_TIME.test(text) ? String(timeSpan(text, nowNs)!.first).padStart(16, '0') : text;
  const end = (text: string | null): string | null => (text === null ? null : ns(text));
  switch (test.op) {
    case 'exists':
      return test;
    case 'is':
      return { ...test, pieces: test.pieces.map(ns) };
    case 'range':
      return { ...test, low: end(test.low), high: end(test.high) };
    default:
      return { ...test, value: ns(test.value) };
  }
}
