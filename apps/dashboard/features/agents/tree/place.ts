/**
 * Says which node stands below which. A subagent stands below the tool call that started it: as
 * the call itself names it, else by the order of starts. Records are outside input: they may name
 * parents in a circle.
 */
import { type Facts, MAIN_AGENT } from './facts.ts';
import { agentId, type Group, promptId } from './group.ts';
import type { TreeNode } from './node.ts';

/** Tools that start a subagent. */
const STARTERS = new Set(['Agent', 'Task']);

export class Placing {
  readonly #root: TreeNode;
  readonly #nodes: Map<string, TreeNode>;
  readonly #parents = new Map<TreeNode, TreeNode>();
  readonly #starters: TreeNode[];
  readonly #prompts: TreeNode[];

  constructor(root: TreeNode, nodes: TreeNode[]) {
    this.#root = root;
    this.#nodes = new Map(nodes.map((node) => [node.id, node]));
    this.#starters = nodes.filter(({ type, name }) => type === 'tool' && STARTERS.has(name));
    this.#prompts = nodes.filter(({ type }) => type === 'prompt').sort(byOrder);
  }

  /** Below its agent, else its prompt, else what was asked last before it. */
  put({ id, type, run, agent, prompt }: Group): void {
    const node = this.#nodes.get(id)!;
    if (type === 'prompt') return;
    const isOwn = type === 'agent';
    const above =
      (agent === undefined || isOwn ? undefined : this.#nodes.get(agentId(run, agent))) ??
      (prompt === undefined ? undefined : this.#nodes.get(promptId(run, prompt))) ??
      (type === 'note' ? undefined : this.#promptBefore(node));
    this.#set(node, above);
  }

  /** All subagents, in the order of their starts, so that each call starts one. */
  agents(groups: Group[], facts: Facts[]): void {
    const tales = new Map(groups.map((group) => [group.id, [] as Facts[]]));
    for (const fact of facts) {
      if (fact.agent !== undefined) tales.get(agentId(fact.run, fact.agent))?.push(fact);
    }
    const started = new Map<TreeNode, string>();
    for (const call of this.#starters) {
      const indices = new Set(call.leaves.map(({ index }) => index));
      const named = facts.find((f) => f.started !== undefined && indices.has(f.event.index));
      if (named !== undefined) started.set(call, agentId(named.run, named.started!));
    }
    for (const { id, facts: leaves } of groups) {
      const first = tales.get(id)![0];
      if (leaves.length === 0 && first !== undefined) this.#nodes.get(id)!.order = first.t;
    }
    const startOf = (group: Group): bigint => this.#nodes.get(group.id)!.order;
    for (const group of groups.toSorted((a, b) => compare(startOf(a), startOf(b)))) {
      this.#agent(group, tales.get(group.id)!, started);
    }
  }

  finish(): void {
    for (const node of this.#nodes.values()) {
      (this.#parents.get(node) ?? this.#root).children.push(node);
    }
    for (const node of [this.#root, ...this.#nodes.values()]) node.children.sort(byOrder);
  }

  #agent(group: Group, own: Facts[], started: Map<TreeNode, string>): void {
    const node = this.#nodes.get(group.id)!;
    const parent = own.find((fact) => fact.parent !== undefined)?.parent;
    const prompt = own.find((fact) => fact.prompt !== undefined)?.prompt;
    node.prompt = prompt;
    const named = [...started].find(([, id]) => id === group.id)?.[0];
    if (named !== undefined) {
      node.placed = 'named';
      if (this.#set(node, named)) return;
    }
    const call = this.#starterBefore(node, parent, started);
    if (call !== undefined && this.#set(node, call)) {
      started.set(call, group.id);
      node.placed = 'order';
      return;
    }
    const above = parent === undefined ? undefined : this.#nodes.get(agentId(group.run, parent));
    if (above === undefined || !this.#set(node, above)) this.put({ ...group, prompt });
  }

  /** The newest call of the parent that is known to start nobody else. */
  #starterBefore(
    node: TreeNode,
    parent: string | undefined,
    started: Map<TreeNode, string>,
  ): TreeNode | undefined {
    return this.#starters
      .filter((call) => call.run === node.run && !started.has(call))
      .filter(({ agent }) => agent !== node.agent)
      .filter(({ agent }) => parent === undefined || (agent ?? MAIN_AGENT) === parent)
      .filter(({ prompt }) => node.prompt === undefined || prompt === node.prompt)
      .filter(({ order }) => order <= node.order)
      .sort(byOrder)
      .at(-1);
  }

  #promptBefore({ run, order }: TreeNode): TreeNode | undefined {
    return this.#prompts.findLast((prompt) => prompt.run === run && prompt.order <= order);
  }

  /** Refuses what would make a circle. */
  #set(node: TreeNode, above: TreeNode | undefined): boolean {
    if (above === undefined) return false;
    for (let at: TreeNode | undefined = above; at !== undefined; at = this.#parents.get(at)) {
      if (at === node) return false;
    }
    this.#parents.set(node, above);
    return true;
  }
}

function byOrder(a: TreeNode, b: TreeNode): number {
  return compare(a.order, b.order);
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
