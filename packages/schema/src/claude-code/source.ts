/** How Claude Code is known by its telemetry, and which of the agents in it an event is of. */
import type { Origin } from '../otlp/origin.ts';
import { type Given, id, type Members } from './members.ts';

/** How every body of its log records begins, and every name of its spans and metrics. */
export const FAMILY = 'claude_code.';
export const PRODUCT = 'claude-code';
const SERVICES = [PRODUCT, 'claude-code-desktop'];
const SCOPE = 'com.anthropic.claude_code';

/** The loop that the user talks to; subagents have ids of their own. */
const MAIN_AGENT = 'main';
const AGENT = [id('agent.id', 'agent_id'), id('agent.parent_id', 'parent_agent_id')];

/** `name`: what the record, span or metric calls itself. */
export function isClaudeCode(name: string, { service, scope }: Origin): boolean {
  return name.startsWith(FAMILY) && (SERVICES.includes(service) || scope.startsWith(SCOPE));
}

/** `saysParents`: the source names the parent of every agent but those the main one started. */
export function nameAgent(members: Members, given: Given, saysParents: boolean): void {
  members.set('agent.product', PRODUCT);
  members.take(AGENT, given);
  if (given('agent_id') === undefined) members.set('agent.id', MAIN_AGENT);
  else if (saysParents) members.set('agent.parent_id', MAIN_AGENT);
}
