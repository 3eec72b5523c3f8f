/**
 * What the agents tree is made of: events as the API gives them, and nodes that join what hooks and
 * telemetry say of one prompt, model request, tool call or agent. Relies on nothing but types.
 */

/** The members of an `EventItem` that the tree reads. */
export interface TreeEvent {
  index: number;
  kind: string;
  /** Unix nanoseconds by the maker's clock, decimal text. */
  t: string;
  vantage: string;
  title: string;
  record: Record<string, unknown>;
}

/** Which of the agent's own reporters told of an event; `other` is any third. */
export type Source = 'hook' | 'telemetry' | 'other';

export type NodeType = 'session' | 'prompt' | 'model' | 'tool' | 'agent' | 'note';

/** One event of a node, to link its row in the timeline. */
export interface Leaf {
  index: number;
  kind: string;
  source: Source;
}

/** Unix nanoseconds on one clock: from the hooks where they saw both ends, else from telemetry. */
export interface Span {
  start: bigint;
  /** Absent while it goes on, or when nobody told of its end. */
  end?: bigint;
  /** Whose clock it was. */
  by: Source;
}

export interface Decision {
  /** `accept`, `reject`, as the source says it; outside text. */
  value: string;
  /** Who or what decided: `config`, `user_temporary`, … ; outside text. */
  source?: string | undefined;
  index: number;
}

export interface TreeNode {
  /** Stable while events are added. */
  id: string;
  type: NodeType;
  /** Tool name, model name, agent type: outside text. */
  name: string;
  /** What it was done to, or for: a path, a program, a purpose; outside text. */
  subject?: string | undefined;
  /** The agent that did it; absent for the main one. */
  agent?: string | undefined;
  /** The agent's own session: one sandbox may run several. */
  run?: string | undefined;
  prompt?: string | undefined;
  span?: Span | undefined;
  /** When it began, in unix nanoseconds, for the order among its siblings. */
  order: bigint;
  /** By time; empty when others only mention it. */
  leaves: Leaf[];
  sources: Source[];
  children: TreeNode[];
  /** Known only when a source says it. */
  success?: boolean | undefined;
  /** Why it failed; outside text. */
  error?: string | undefined;
  durationMs?: number | undefined;
  inputBytes?: number | undefined;
  outputBytes?: number | undefined;
  tokensIn?: number | undefined;
  tokensOut?: number | undefined;
  /** Characters of a prompt. */
  length?: number | undefined;
  decision?: Decision | undefined;
  /** A person or a hook was asked whether it may. */
  isAsked?: boolean;
  /** How a subagent was found to stand below the call that started it. */
  placed?: 'named' | 'order';
}

/** First a node, then all below it, parents before children. */
export function walk(root: TreeNode): TreeNode[] {
  const all: TreeNode[] = [];
  const waiting = [root];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    all.push(node);
    waiting.push(...node.children.toReversed());
  }
  return all;
}
