/**
 * Puts together what was said of the same prompt, model request, tool call or agent, whoever said
 * it. Ids of tool calls may repeat in another agent or another prompt, so those belong to the key.
 */
import type { Facts } from './facts.ts';
import type { NodeType } from './node.ts';

export interface Group {
  id: string;
  type: NodeType;
  /** By time; empty for what others only mention. */
  facts: Facts[];
  run?: string | undefined;
  agent?: string | undefined;
  prompt?: string | undefined;
}

const NOTES = new Set(['session.start', 'session.end', 'session.resume']);
const NOTED = new Set(['approval.mode_change', 'agent.message', 'context.compact']);

/** `facts` by time. Every fact is in exactly one group. */
export function groupFacts(facts: Facts[]): Group[] {
  const grouping = new Grouping();
  for (const fact of facts) grouping.take(fact);
  return grouping.all();
}

export function promptId(run: string | undefined, prompt: string): string {
  return idOf('prompt', run, prompt);
}

export function agentId(run: string | undefined, agent: string): string {
  return idOf('agent', run, agent);
}

class Grouping {
  readonly #groups = new Map<string, Group>();
  /** The newest group of a tool call or model request, for what does not name its own. */
  readonly #newest = new Map<string, Group>();

  take(fact: Facts): void {
    const { kind } = fact.event;
    if (NOTES.has(kind) || NOTED.has(kind)) this.#alone('note', fact);
    else if (kind === 'prompt.submit') this.#prompt(fact);
    else if (kind.startsWith('model.')) this.#model(fact);
    else if (kind.startsWith('agent.')) this.#agent(fact);
    else this.#tool(fact);
  }

  all(): Group[] {
    for (const { run, prompt, agent } of [...this.#groups.values()]) {
      if (prompt !== undefined) this.#group('prompt', promptId(run, prompt), { run, prompt });
      if (agent !== undefined) this.#group('agent', agentId(run, agent), { run, agent });
    }
    return [...this.#groups.values()];
  }

  #prompt(fact: Facts): void {
    const { run, prompt } = fact;
    if (prompt === undefined) this.#alone('prompt', fact);
    else this.#group('prompt', promptId(run, prompt), { run, prompt }).facts.push(fact);
  }

  #agent(fact: Facts): void {
    const { run, agent, prompt } = fact;
    if (agent === undefined) {
      // The main agent stops when its turn is over: that belongs to the prompt.
      if (prompt === undefined) this.#alone('note', fact);
      else this.#prompt(fact);
      return;
    }
    const group = this.#group('agent', agentId(run, agent), { run, agent });
    group.prompt ??= prompt;
    group.facts.push(fact);
  }

  /** A hook tells of an answer without naming the request: it was the newest one. */
  #model(fact: Facts): void {
    const { run, agent, prompt, request } = fact;
    const newest = idOf('newest model', run, prompt, agent);
    const own = request === undefined ? undefined : idOf('model', run, request);
    const found =
      own === undefined
        ? this.#newest.get(newest)
        : this.#group('model', own, { run, agent, prompt });
    const isAnswer = fact.event.kind !== 'model.request';
    if (found === undefined || (own === undefined && !isAnswer)) this.#alone('model', fact);
    else {
      this.#newest.set(newest, found);
      found.facts.push(fact);
    }
  }

  #tool(fact: Facts): void {
    const { run, agent, prompt, use, tool } = fact;
    const byName = idOf('named', run, agent, tool);
    if (use === undefined) {
      const found = fact.event.kind.startsWith('approval.') ? this.#newest.get(byName) : undefined;
      if (found === undefined) this.#alone(tool === undefined ? 'note' : 'tool', fact);
      else found.facts.push(fact);
      return;
    }
    const byUse = idOf('used', run, agent, use);
    const group =
      (prompt === undefined ? this.#newest.get(byUse) : undefined) ??
      this.#group('tool', idOf('tool', run, prompt, agent, use), { run, agent, prompt });
    group.facts.push(fact);
    this.#newest.set(byUse, group);
    this.#newest.set(byName, group);
  }

  #alone(type: NodeType, fact: Facts): void {
    const { run, agent, prompt, event } = fact;
    const id = idOf(type, 'at', String(event.index));
    this.#groups.set(id, { id, type, facts: [fact], run, agent, prompt });
  }

  #group(type: NodeType, id: string, place: Omit<Group, 'id' | 'type' | 'facts'>): Group {
    const found = this.#groups.get(id) ?? { id, type, facts: [], ...place };
    this.#groups.set(id, found);
    return found;
  }
}

/** Members are outside text: none can pass for two. */
function idOf(...members: (string | undefined)[]): string {
  return members.map((member) => encodeURIComponent(member ?? '')).join('/');
}
