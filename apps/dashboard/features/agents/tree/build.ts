/**
 * Builds the tree of one session: prompts, below them model requests, tool calls and subagents.
 * Order of arrival does not matter: the two reporters of one agent are never in step.
 */
import { EVENT_KINDS } from '@vitrine/schema/record';
import { type Facts, factsOf } from './facts.ts';
import { groupFacts } from './group.ts';
import { makeNode } from './make-node.ts';
import type { TreeEvent, TreeNode } from './node.ts';
import { Placing } from './place.ts';

/** Kinds that the tree is made of: what to ask the API for. */
export const AGENT_KINDS: string[] = [...EVENT_KINDS].filter(
  (kind) =>
    /^(session|prompt|model|approval|agent)\./.test(kind) ||
    ['tool.call', 'tool.result', 'classifier.verdict', 'context.compact'].includes(kind),
);

/** The root stands for the session. `events` in any order. */
export function buildTree(session: string, events: TreeEvent[]): TreeNode {
  const facts = events.map(factsOf).sort(byTime);
  const groups = groupFacts(facts);
  const root: TreeNode = {
    id: 'session',
    type: 'session',
    name: session,
    order: 0n,
    leaves: [],
    sources: [],
    children: [],
  };
  const placing = new Placing(root, groups.map(makeNode));
  for (const group of groups) if (group.type !== 'agent') placing.put(group);
  placing.agents(
    groups.filter(({ type }) => type === 'agent'),
    facts,
  );
  placing.finish();
  return root;
}

function byTime(a: Facts, b: Facts): number {
  if (a.t !== b.t) return a.t < b.t ? -1 : 1;
  return a.event.index - b.event.index;
}
