/** What the demonstration can act out, by the name of the agent that acts. */
import type { Act } from './play.ts';

/** Loaded when it is asked for: an act may bring much with it. */
export const ACTS = {
  'claude-code': async (): Promise<Act> => (await import('./claude-code/act.ts')).claudeCode,
  scripted: async (): Promise<Act> => (await import('./incident.ts')).incident,
};

export type AgentName = keyof typeof ACTS;
export const AGENT_NAMES = Object.keys(ACTS) as AgentName[];
