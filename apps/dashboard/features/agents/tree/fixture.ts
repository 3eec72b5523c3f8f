/** Events as the API gives them, for tests: what hooks and telemetry say of a small session. */
import type { TreeEvent } from './node.ts';

export interface Told {
  kind: string;
  /** Milliseconds after the start. */
  at?: number;
  signal?: 'hook' | 'log';
  vantage?: string;
  agent?: string;
  members?: Record<string, unknown>;
}

const START_NS = 1_790_000_000_000_000_000n;

/** Indices are those of the list. */
export function eventsFrom(told: Told[]): TreeEvent[] {
  return told.map(({ kind, at = 0, signal, vantage = 'agent', agent, members = {} }, index) => ({
    index,
    kind,
    t: String(START_NS + BigInt(at) * 1_000_000n),
    vantage,
    title: kind,
    record: {
      kind,
      ...members,
      ...(vantage === 'agent' || agent !== undefined
        ? { agent: { id: agent ?? 'main', session: 'run', ...(members.agent as object) } }
        : {}),
      ...(signal === undefined ? {} : { source: { signal } }),
    },
  }));
}

/** A tool call as the hooks around it tell of it, from `at` to `until`. */
export function hooked(
  tool: { name: string; use_id: string; [more: string]: unknown },
  [at, until]: [number, number],
  more: { agent?: string; prompt?: string; result?: Record<string, unknown> } = {},
): Told[] {
  const { agent, prompt = 'p1', result = {} } = more;
  const members = { tool, prompt: { id: prompt } };
  const rest = { signal: 'hook' as const, ...(agent === undefined ? {} : { agent }) };
  return [
    { kind: 'tool.call', at, members, ...rest },
    {
      kind: 'tool.result',
      at: until,
      members: { ...members, tool: { ...tool, success: true, ...result } },
      ...rest,
    },
  ];
}
