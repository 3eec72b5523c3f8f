import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { buildTree } from './build.ts';
import { eventsFrom, hooked, type Told } from './fixture.ts';
import { type TreeNode, walk } from './node.ts';

const PROMPT = { prompt: { id: 'p1' } };

test('what a hook and telemetry say of one prompt and one call is one node of each', () => {
  const root = buildTree('s', eventsFrom(twice()));
  assert.deepEqual(outline(root), ['prompt p1', ' model m', ' tool Read']);
  const [prompt, model, tool] = walk(root).slice(1) as [TreeNode, TreeNode, TreeNode];
  assert.deepEqual(prompt.sources, ['hook', 'telemetry']);
  assert.deepEqual(model.sources, ['telemetry']);
  assert.deepEqual(tool.sources, ['hook', 'telemetry']);
  assert.deepEqual(
    tool.leaves.map(({ index, kind }) => `${index} ${kind}`),
    ['2 tool.call', '3 approval.decision', '4 tool.result', '5 tool.result'],
  );
  const { success, durationMs, inputBytes, outputBytes, decision } = tool;
  assert.deepEqual(
    { success, durationMs, inputBytes, outputBytes },
    { success: true, durationMs: 9, inputBytes: 35, outputBytes: 86 },
  );
  assert.deepEqual(decision, { value: 'accept', source: 'config', index: 3 });
});

test('the order in which events arrive changes nothing', () => {
  const events = eventsFrom(twice());
  const expected = shape(buildTree('s', events));
  fc.assert(
    fc.property(fc.shuffledSubarray(events, { minLength: events.length }), (shuffled) => {
      assert.deepEqual(shape(buildTree('s', shuffled)), expected);
    }),
  );
});

test('what only one of the two saw says which', () => {
  const withoutHooks = twice().filter(({ signal }) => signal !== 'hook');
  const tool = walk(buildTree('s', eventsFrom(withoutHooks))).find(({ type }) => type === 'tool')!;
  assert.deepEqual(tool.sources, ['telemetry']);
  assert.equal(tool.span?.by, 'telemetry');
  assert.equal(tool.span!.end! - tool.span!.start, 9_000_000n);
});

test('the same id of a call in two agents is two calls', () => {
  const read = { name: 'Read', use_id: 'toolu_01' };
  const root = buildTree(
    's',
    eventsFrom([
      ...hooked(read, [1, 2]),
      ...hooked({ name: 'Agent', use_id: 'toolu_02' }, [3, 9], { result: { agent_id: 'a1' } }),
      { kind: 'agent.spawn', at: 4, signal: 'hook', agent: 'a1', members: PROMPT },
      ...hooked(read, [5, 6], { agent: 'a1' }),
    ]),
  );
  assert.deepEqual(outline(root), [
    'prompt p1',
    ' tool Read',
    ' tool Agent',
    '  agent a1',
    '   tool Read',
  ]);
});

test('a subagent stands below the call that names it, else below the newest of its parent', () => {
  const agents = [
    ...hooked({ name: 'Agent', use_id: 'u1' }, [1, 20], { result: { agent_id: 'second' } }),
    ...hooked({ name: 'Agent', use_id: 'u2' }, [2, 20]),
    { kind: 'agent.spawn', at: 3, signal: 'hook', agent: 'first', members: PROMPT },
    { kind: 'agent.spawn', at: 4, signal: 'hook', agent: 'second', members: PROMPT },
  ] satisfies Told[];
  const root = buildTree('s', eventsFrom(agents));
  const below = walk(root)
    .filter(({ type }) => type === 'tool')
    .map(({ id, children }) => [id.split('/').at(-1), children[0]?.agent, children[0]?.placed]);
  assert.deepEqual(below, [
    ['u1', 'second', 'named'],
    ['u2', 'first', 'order'],
  ]);
});

test('a parent that telemetry names outweighs the order of starts', () => {
  const root = buildTree(
    's',
    eventsFrom([
      ...hooked({ name: 'Agent', use_id: 'u1' }, [1, 30]),
      ...hooked({ name: 'Agent', use_id: 'u2' }, [3, 20], { agent: 'a1' }),
      { kind: 'agent.spawn', at: 2, signal: 'hook', agent: 'a1', members: PROMPT },
      {
        kind: 'model.request',
        at: 9,
        signal: 'log',
        agent: 'a2',
        members: { ...PROMPT, agent: { parent_id: 'a1' }, request: { id: 'r' } },
      },
    ]),
  );
  assert.deepEqual(outline(root), [
    'prompt p1',
    ' tool Agent',
    '  agent a1',
    '   tool Agent',
    '    agent a2',
    '     model ',
  ]);
});

test('agents that name each other as parents end no walk', () => {
  const named = (agent: string, parent: string, at: number): Told => ({
    kind: 'agent.stop',
    at,
    signal: 'log',
    agent,
    members: { agent: { parent_id: parent } },
  });
  const root = buildTree('s', eventsFrom([named('a', 'b', 1), named('b', 'a', 2)]));
  assert.deepEqual(outline(root), ['agent b', ' agent a']);
});

test('a question about a call without its id belongs to the newest call of that name', () => {
  const [call, result] = hooked({ name: 'Bash', use_id: 'u1' }, [1, 9]) as [Told, Told];
  const asks: Told = {
    kind: 'approval.request',
    at: 2,
    signal: 'hook',
    members: { ...PROMPT, tool: { name: 'Bash' } },
  };
  const tool = walk(buildTree('s', eventsFrom([call, asks, result]))).find(
    ({ type }) => type === 'tool',
  )!;
  assert.equal(tool.isAsked, true);
  assert.equal(tool.leaves.length, 3);
});

test('a span is told at its start', () => {
  const tool = { name: 'Read', use_id: 'u1' };
  const root = buildTree(
    's',
    eventsFrom([
      { kind: 'tool.call', at: 10, members: { tool } },
      { kind: 'tool.result', at: 11, members: { tool, span: { duration_ns: 7_000_000 } } },
    ]),
  );
  const { span, durationMs, sources } = root.children[0]!;
  assert.equal(span!.end! - span!.start, 8_000_000n);
  assert.equal(durationMs, 8);
  assert.deepEqual(sources, ['other']);
});

test('an agent of one’s own without ids still has a tree', () => {
  const root = buildTree(
    's',
    eventsFrom([
      { kind: 'prompt.submit', at: 1 },
      { kind: 'tool.call', at: 2, members: { tool: { name: 'ls' } } },
      { kind: 'prompt.submit', at: 3 },
      { kind: 'model.request', at: 4, members: { agent: { model: 'm' } } },
    ]),
  );
  assert.deepEqual(outline(root), ['prompt ', ' tool ls', 'prompt ', ' model m']);
});

test('any records make a tree that holds each event once', () => {
  const word = fc.constantFrom('main', 'a', 'b', 'c', undefined);
  const told = fc.record({
    kind: fc.constantFrom('tool.call', 'tool.result', 'agent.spawn', 'agent.stop', 'prompt.submit'),
    at: fc.nat(50),
    signal: fc.constantFrom('hook' as const, 'log' as const),
    members: fc.record({
      agent: fc.record({ id: word, parent_id: word, session: word }),
      prompt: fc.record({ id: word }),
      tool: fc.record({ name: fc.constantFrom('Agent', 'Read', 7), use_id: word, agent_id: word }),
    }),
  });
  fc.assert(
    fc.property(fc.array(told, { maxLength: 40 }), (list) => {
      const indices = walk(buildTree('s', eventsFrom(list as Told[])))
        .flatMap(({ leaves }) => leaves.map(({ index }) => index))
        .sort((a, b) => a - b);
      assert.deepEqual(indices, [...list.keys()]);
    }),
    { numRuns: 300 },
  );
});

/** One prompt, one request, one call: by hooks and by telemetry. */
function twice(): Told[] {
  const [call, result] = hooked({ name: 'Read', use_id: 'u1', input_bytes: 35 }, [20, 30]);
  const tool = { name: 'Read', use_id: 'u1' };
  return [
    { kind: 'prompt.submit', at: 1, signal: 'hook', members: PROMPT },
    { kind: 'prompt.submit', at: 2, signal: 'log', members: { prompt: { id: 'p1', length: 36 } } },
    call!,
    {
      kind: 'approval.decision',
      at: 21,
      signal: 'log',
      members: { ...PROMPT, tool, decision: { value: 'accept', source: 'config' } },
    },
    {
      kind: 'tool.result',
      at: 29,
      signal: 'log',
      members: { ...PROMPT, tool: { ...tool, success: true, duration_ms: 9, output_bytes: 86 } },
    },
    result!,
    {
      kind: 'model.request',
      at: 15,
      signal: 'log',
      members: { ...PROMPT, agent: { model: 'm' }, request: { id: 'r1', duration_ms: 5 } },
    },
    {
      kind: 'model.response',
      at: 16,
      signal: 'log',
      members: { ...PROMPT, request: { id: 'r1' } },
    },
  ];
}

/** Each node as one line, moved to the right by its level; the root left out. */
function outline(root: TreeNode): string[] {
  const lines: string[] = [];
  const add = (node: TreeNode, level: number): void => {
    const name = { agent: node.agent, prompt: node.prompt }[node.type as 'agent'] ?? node.name;
    lines.push(`${' '.repeat(level)}${node.type} ${name}`);
    for (const child of node.children) add(child, level + 1);
  };
  for (const child of root.children) add(child, 0);
  return lines;
}

function shape(root: TreeNode): unknown {
  return walk(root).map(({ children, ...own }) => ({
    ...own,
    below: children.map(({ id }) => id),
  }));
}
