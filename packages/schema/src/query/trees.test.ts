/**
 * Queries for property tests, here and of the store: trees that a text can be read as. What makes
 * them is tested itself: a shape that never comes is never tested.
 */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { QUERY_WILDCARDS_MAX } from '../limits.ts';
import type { FieldTest, Pieces, Query, QueryNode } from './ast.ts';

type Arbitrary<T> = fc.Arbitrary<T>;

const AT = { from: 0, to: 0 };

export interface QueryWorld {
  /** Texts that rows have, and some that none has. */
  texts: readonly string[];
  numbers: readonly string[];
  /** Names by what they can be asked. */
  textFields: readonly string[];
  numberFields: readonly string[];
  memberFields: readonly string[];
  timeFields: readonly string[];
  times: readonly string[];
}

/** Trees as `parseQuery` makes them, with all places at 0. */
export function queryTrees(world: QueryWorld): Arbitrary<Query> {
  const { node } = fc.letrec<{ node: QueryNode }>((tie) => ({
    node: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      leaf(world),
      fc.record({ type: fc.constant('not' as const), node: tie('node') }),
      fc
        .tuple(fc.constantFrom('and' as const, 'or' as const), nodesOf(tie('node')))
        .map(([type, nodes]) => grouped(type, nodes)),
    ),
  }));
  return fc.oneof({ arbitrary: node, weight: 20 }, { arbitrary: fc.constant(null), weight: 1 });
}

function nodesOf(node: Arbitrary<QueryNode>): Arbitrary<QueryNode[]> {
  return fc.array(node, { minLength: 2, maxLength: 3 });
}

function grouped(type: 'and' | 'or', nodes: QueryNode[]): QueryNode {
  return { type, nodes: nodes.flatMap((one) => (one.type === type ? one.nodes : [one])) };
}

function leaf(world: QueryWorld): Arbitrary<QueryNode> {
  const { textFields, memberFields, numberFields, timeFields } = world;
  const pieces = piecesOf(world);
  const field = (
    names: readonly string[],
    ...tests: Arbitrary<FieldTest>[]
  ): Arbitrary<QueryNode> =>
    fc
      .tuple(fc.constantFrom(...names), fc.oneof(...tests))
      .map(([name, test]) => ({ type: 'field', field: name, test, at: AT }));
  const exists = fc.constant<FieldTest>({ op: 'exists' });
  const is = pieces
    .filter((list) => list.length === 1 || list.join('') !== '')
    .map((list): FieldTest => ({ op: 'is', pieces: list }));
  const ordered = (values: readonly string[]): Arbitrary<FieldTest>[] => [
    fc.record({
      op: fc.constantFrom('<' as const, '<=' as const, '>' as const, '>=' as const),
      value: fc.constantFrom(...values),
    }),
    fc
      .tuple(
        fc.constantFrom(null, ...values),
        fc.constantFrom(null, ...values),
        fc.constantFrom(...values),
      )
      .map(([low, high, other]) => {
        return { op: 'range' as const, low, high: low === null ? (high ?? other) : high };
      }),
  ];
  const one = (values: readonly string[]): Arbitrary<FieldTest> =>
    fc.constantFrom(...values).map((value) => ({ op: 'is' as const, pieces: [value] }));
  const words = ['low', 'high', 'critical'];
  const ranks = ['0', '1', '3', '5'];
  return fc.oneof(
    pieces.map((list): QueryNode => ({ type: 'text', pieces: list, at: AT })),
    field(textFields, is, exists),
    field(memberFields, is, exists, ...ordered(world.numbers)),
    field(numberFields, exists, one(['0', '3', '17']), ...ordered(['-1', '0', '3', '17'])),
    field(timeFields, exists, one(world.times), ...ordered(world.times)),
    field(['severity'], exists, one(words), one(ranks), ...ordered(words), ...ordered(ranks)),
  );
}

/** Whole texts, pieces of them, and noise. */
function piecesOf({ texts }: QueryWorld): Arbitrary<Pieces> {
  const text = fc.oneof(
    fc.constantFrom(...texts),
    fc.tuple(fc.constantFrom(...texts), fc.nat(8), fc.nat(8)).map(([whole, from, more]) => {
      const letters = [...whole];
      return letters.slice(from, from + more).join('');
    }),
    fc.string({ unit: 'grapheme', maxLength: 3 }),
  );
  const wild = fc
    .array(text, { minLength: 2, maxLength: Math.min(4, QUERY_WILDCARDS_MAX) })
    // Two wildcards side by side are one, and two dots beside one make a range.
    .map((list) => list.filter((piece, i) => piece !== '' || i === 0 || i === list.length - 1))
    .filter((list) => list.length > 1 && !list.some((piece) => piece.includes('..')));
  return fc.oneof(
    { arbitrary: text.map((one) => [one]), weight: 3 },
    { arbitrary: wild, weight: 1 },
  );
}

it('trees of every shape are made', () => {
  const world = {
    texts: ['a'],
    numbers: ['1'],
    textFields: ['kind'],
    numberFields: ['index'],
    memberFields: ['host'],
    timeFields: ['time'],
    times: ['now'],
  };
  const met = new Set<string>();
  const meet = (node: QueryNode): void => {
    met.add(node.type === 'field' ? `${node.field} ${node.test.op}` : node.type);
    if (node.type === 'not') meet(node.node);
    if (node.type === 'and' || node.type === 'or') node.nodes.forEach(meet);
  };
  for (const tree of fc.sample(queryTrees(world), 3_000)) if (tree !== null) meet(tree);
  for (const type of ['text', 'and', 'or', 'not']) assert.ok(met.has(type), type);
  for (const op of ['is', 'exists', 'range', '<', '<=', '>', '>=']) {
    for (const name of ['index', 'host', 'time', 'severity']) {
      assert.ok(met.has(`${name} ${op}`), `${name} ${op}`);
    }
  }
});
