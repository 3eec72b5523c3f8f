/** The tree of a recorded session of the real Claude Code, through the adapters that take it in. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { decodeExport, hookEvent, type SandboxEvent, toEvents } from '@vitrine/schema';
import { buildTree } from './build.ts';
import { type TreeEvent, type TreeNode, walk } from './node.ts';

const VECTORS = new URL('../../../../../test/vectors/claude-code/', import.meta.url);
const HOOKS = hooks();
const TELEMETRY = telemetry();

test('both together are one tree of prompts, calls and nested subagents', () => {
  const tree = treeOf([...HOOKS, ...TELEMETRY]);
  const calls = ['Read', 'Bash', 'Read', 'Bash', 'Write', 'Agent'];
  const [first, second] = tree.children.filter(({ type }) => type === 'prompt');
  assert.deepEqual(namesOf(first!, 'tool'), calls);
  assert.deepEqual(namesOf(second!, 'tool'), []);
  const chain: string[] = [];
  for (let at = first!.children; ; ) {
    const agent = at.flatMap(({ children }) => children).find(({ type }) => type === 'agent');
    if (agent === undefined) break;
    chain.push(agent.agent!);
    const expected = chain.length < 3 ? calls : calls.slice(0, -1);
    assert.deepEqual(namesOf(agent, 'tool'), expected);
    at = agent.children;
  }
  assert.deepEqual(chain, ['abf086b88c4fd99fb', 'a772e87d4121f7993', 'a52c592ca30e2bbed']);
});

test('each prompt and call is told of by hook and telemetry, and is there once', () => {
  const nodes = walk(treeOf([...HOOKS, ...TELEMETRY]));
  for (const [type, count] of Object.entries({ prompt: 2, tool: 23, agent: 3 })) {
    const own = nodes.filter((node) => node.type === type);
    assert.equal(own.length, count, type);
    const alone = own.filter(({ sources }) => sources.join() !== 'hook,telemetry');
    assert.deepEqual(alone, [], `${type} told of by one alone`);
  }
  const models = nodes.filter(({ type }) => type === 'model');
  assert.equal(models.length, 28);
  assert.ok(
    models.every(({ sources, tokensIn }) => sources.join() === 'telemetry' && tokensIn === 10),
  );
});

test('a call has sizes, a duration, an outcome and the decision with its source', () => {
  const read = walk(treeOf([...HOOKS, ...TELEMETRY])).find(({ name }) => name === 'Read')!;
  const { subject, inputBytes, outputBytes, durationMs, success, decision } = read;
  assert.deepEqual(
    { subject, inputBytes, outputBytes, durationMs, success },
    {
      subject: '/workspace/notes.md',
      inputBytes: 35,
      outputBytes: 86,
      durationMs: 9,
      success: true,
    },
  );
  assert.deepEqual([decision?.value, decision?.source], ['accept', 'config']);
});

test('either alone makes the same tree of calls, and says that it is alone', () => {
  const whole = callsOf(treeOf([...HOOKS, ...TELEMETRY]));
  for (const [source, events] of [
    ['hook', HOOKS],
    ['telemetry', TELEMETRY],
  ] as const) {
    const tree = treeOf(events);
    assert.deepEqual(callsOf(tree), whole, source);
    const tools = walk(tree).filter(({ type }) => type === 'tool');
    assert.ok(tools.every(({ sources }) => sources.join() === source));
  }
});

test('without one hook of a call the tree is the same, and the call names telemetry alone', () => {
  const isGone = ({ fields, kind }: SandboxEvent): boolean => {
    const { tool, agent } = fields as { tool?: { use_id: string }; agent?: { id: string } };
    return kind.startsWith('tool.') && tool?.use_id === 'toolu_04' && agent?.id === 'main';
  };
  const rest = HOOKS.filter((event) => !isGone(event));
  assert.equal(rest.length, HOOKS.length - 2);
  const alone = walk(treeOf([...rest, ...TELEMETRY])).filter(
    ({ type, sources }) => type === 'tool' && sources.join() === 'telemetry',
  );
  assert.deepEqual(
    alone.map(({ id }) => id.split('/').at(-1)),
    ['toolu_04'],
  );
});

function namesOf(node: TreeNode, type: string): string[] {
  return node.children.filter((child) => child.type === type).map(({ name }) => name);
}

/** Who called what below what: ids only. */
function callsOf(tree: TreeNode): string[] {
  const lines: string[] = [];
  const add = (node: TreeNode, above: string): void => {
    const own = node.type === 'tool' || node.type === 'agent' ? `${above} > ${node.id}` : above;
    if (own !== above) lines.push(own);
    for (const child of node.children) add(child, own);
  };
  add(tree, '');
  return lines.sort();
}

function treeOf(events: SandboxEvent[]): TreeNode {
  const told = events.map(({ kind, t, fields }, index): TreeEvent => {
    return { index, kind, t, vantage: 'agent', title: kind, record: fields };
  });
  return buildTree(
    'recorded',
    told.filter(({ kind }) => kind !== 'other' && kind !== 'hook.run'),
  );
}

/** As they came: each a moment after the one before. */
function hooks(): SandboxEvent[] {
  return linesOf('hooks.jsonl').map((line, i) => {
    return { ...hookEvent(Buffer.from(line)), t: String(1_790_000_000_000_000_000n + BigInt(i)) };
  });
}

function telemetry(): SandboxEvent[] {
  return linesOf('otlp-json.jsonl').flatMap((line) => {
    const { url, body } = JSON.parse(line) as { url: string; body: unknown };
    if (url !== '/v1/logs') return [];
    return toEvents(decodeExport('logs', 'json', Buffer.from(JSON.stringify(body))));
  });
}

function linesOf(file: string): string[] {
  const text = readFileSync(new URL(file, VECTORS), 'utf8');
  return text.split('\n').filter((line) => line !== '');
}
