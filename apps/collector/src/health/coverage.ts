/**
 * What the connected sources let a session be seen of: three risks by three components. A cell is
 * not a promise that nothing happens there; it says whose word there would be if it did.
 */
import { VANTAGES, type Vantage } from '@vitrine/schema';
import type {
  CellState,
  Component,
  CoverageCell,
  CoverageNeed,
  Risk,
  SightState,
} from '@vitrine/schema/api';
import type { JudgedSource } from './judge.ts';

const RISKS: readonly Risk[] = ['user_misuse', 'model_misbehaviour', 'external_attacker'];
const COMPONENTS: readonly Component[] = ['environment', 'model', 'content'];

/** Something that has to be seen, by whose word it counts, and the kinds that tell of it. */
interface Sight {
  what: string;
  /** The least independent observer whose word is enough. */
  from: Vantage;
  kinds: readonly string[];
}

const SIGHTS = {
  programs: { what: 'programs that start', from: 'boundary', kinds: ['process.exec'] },
  files: { what: 'files written and deleted', from: 'boundary', kinds: ['file.write'] },
  connections: { what: 'connections', from: 'boundary', kinds: ['net.connect'] },
  requests: { what: 'requests that leave', from: 'boundary', kinds: ['egress.request'] },
  prompts: { what: 'prompts', from: 'agent', kinds: ['prompt.submit'] },
  tools: { what: 'tool calls', from: 'agent', kinds: ['tool.call'] },
  results: { what: 'results of tools', from: 'agent', kinds: ['tool.result'] },
  decisions: { what: 'approvals', from: 'agent', kinds: ['approval.decision'] },
  modes: { what: 'changes of mode and settings', from: 'agent', kinds: ['approval.mode_change'] },
  models: { what: 'requests to the model', from: 'agent', kinds: ['model.request'] },
  agents: { what: 'subagents', from: 'agent', kinds: ['agent.spawn'] },
  servers: {
    what: 'tool servers and plugins',
    from: 'agent',
    kinds: ['mcp.connection', 'plugin.change', 'tool.list'],
  },
  memory: { what: 'memory that is loaded', from: 'agent', kinds: ['memory.load'] },
} as const satisfies Record<string, Sight>;
type SightName = keyof typeof SIGHTS;

const NEEDED: Record<Risk, Record<Component, readonly SightName[]>> = {
  user_misuse: {
    environment: ['programs', 'files', 'requests'],
    model: ['prompts', 'decisions', 'modes'],
    content: ['servers', 'requests'],
  },
  model_misbehaviour: {
    environment: ['programs', 'files', 'connections', 'requests'],
    model: ['tools', 'results', 'models', 'agents'],
    content: ['results', 'memory'],
  },
  external_attacker: {
    environment: ['programs', 'connections', 'requests'],
    model: ['tools', 'decisions', 'agents'],
    content: ['results', 'requests', 'servers', 'memory'],
  },
};

/** Nine cells, by risk, then component. `sessions`: the judged sources of each. */
export function coverageOf(sessions: readonly JudgedSource[][]): CoverageCell[] {
  return RISKS.flatMap((risk) =>
    COMPONENTS.map((component) => {
      const names = NEEDED[risk][component];
      const counts = { covered: 0, partly: 0, blind: 0 };
      for (const sources of sessions) {
        counts[cellState(names.map((name) => sightState(SIGHTS[name], sources)))]++;
      }
      const needs = names.map((name) => needOf(SIGHTS[name], sessions));
      return { risk, component, state: worst(counts), sessions: counts, needs };
    }),
  );
}

/** Nobody looks where there is nobody: without sessions every cell is blind. */
function worst(counts: Record<CellState, number>): CellState {
  if (counts.blind > 0 || counts.partly + counts.covered === 0) return 'blind';
  return counts.partly > 0 ? 'partly' : 'covered';
}

function cellState(states: SightState[]): CellState {
  if (states.every((state) => state === 'seen')) return 'covered';
  return states.every((state) => state === 'missing') ? 'blind' : 'partly';
}

function needOf(sight: Sight, sessions: readonly JudgedSource[][]): CoverageNeed {
  const counts = { seen: 0, claimed: 0, impaired: 0, missing: 0 };
  const by = new Set<string>();
  for (const sources of sessions) {
    counts[sightState(sight, sources)]++;
    for (const { item } of tellers(sight, sources)) by.add(item.name);
  }
  return { what: sight.what, from: sight.from, sessions: counts, by: [...by].sort() };
}

function sightState(sight: Sight, sources: JudgedSource[]): SightState {
  const found = tellers(sight, sources);
  const well = found.filter(({ word }) => word === 'good');
  if (well.some(({ item }) => rank(item.vantage) >= rank(sight.from))) return 'seen';
  if (well.length > 0) return 'claimed';
  return found.length > 0 ? 'impaired' : 'missing';
}

function tellers({ kinds }: Sight, sources: JudgedSource[]): JudgedSource[] {
  const live = sources.filter(({ word }) => word !== 'over');
  return live.filter((one) => kinds.some((kind) => one.kinds.has(kind)));
}

function rank(vantage: Vantage | null): number {
  return vantage === null ? -1 : VANTAGES.indexOf(vantage);
}
