import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildTree } from './build.ts';
import { eventsFrom, hooked, type Told } from './fixture.ts';
import { countsOf, countWords, KernelView } from './kernel.ts';
import { type TreeNode, walk } from './node.ts';

const BASH = { name: 'Bash', use_id: 'u1' };

function kernel(
  kind: string,
  at: number,
  members: Record<string, unknown> = {},
  agent?: string,
): Told {
  return { kind, at, vantage: 'boundary', members, ...(agent === undefined ? {} : { agent }) };
}

/** The calls by their id, and the view of all that the kernel told. */
function looked(told: Told[]): { root: TreeNode; tools: TreeNode[]; view: KernelView } {
  const events = eventsFrom(told);
  const root = buildTree(
    's',
    events.filter(({ vantage }) => vantage === 'agent'),
  );
  return {
    root,
    tools: walk(root).filter(({ type }) => type === 'tool'),
    view: new KernelView(events),
  };
}

test('a call has what the kernel saw between its hooks, and nothing else', () => {
  const { root, tools, view } = looked([
    kernel('process.exec', 9),
    ...hooked(BASH, [10, 20]),
    kernel('process.exec', 10),
    kernel('file.open', 15, { file: { path: '/a' } }),
    kernel('file.read', 16, { file: { path: '/a' } }),
    kernel('egress.request', 20),
    kernel('net.connect', 21),
  ]);
  const seen = view.of(tools[0]!);
  assert.deepEqual(countsOf(seen), { exec: 1, files: 1, net: 0, egress: 1 });
  assert.equal(countWords(countsOf(seen)), '1 exec, 1 file, 1 egress');
  assert.ok(seen.every(({ by }) => by === 'time'));
  assert.deepEqual(
    view.outside(root).map(({ event }) => event.kind),
    ['process.exec', 'net.connect'],
  );
});

test('what the agent itself says is no view of the kernel', () => {
  const { tools, view } = looked([
    ...hooked(BASH, [10, 20]),
    { kind: 'process.exec', at: 15, vantage: 'agent' },
  ]);
  assert.equal(view.size, 0);
  assert.equal(countWords(countsOf(view.of(tools[0]!))), 'nothing');
});

test('an event that names its agent belongs to that agent alone', () => {
  const { tools, view } = looked([
    ...hooked(BASH, [10, 20]),
    ...hooked(BASH, [10, 20], { agent: 'a1' }),
    kernel('process.exec', 15, {}, 'a1'),
  ]);
  const byAgent = tools.map(({ agent, ...node }) => [
    agent,
    view.of({ agent, ...node }).map(({ by }) => by),
  ]);
  assert.deepEqual(byAgent, [
    [undefined, []],
    ['a1', ['agent']],
  ]);
});

test('a call whose end nobody told has no window', () => {
  const { tools, view } = looked([hooked(BASH, [10, 20])[0]!, kernel('process.exec', 15)]);
  assert.deepEqual(view.of(tools[0]!), []);
});

test('a title stands for a path where there is none', () => {
  const { tools, view } = looked([
    ...hooked(BASH, [1, 9]),
    kernel('file.mount', 2),
    kernel('file.mount', 3),
  ]);
  assert.equal(countsOf(view.of(tools[0]!)).files, 1);
});
