/** What a session of Claude Code left behind: counts by kind and vantage, and what joins. */
import { readPath, VANTAGES } from '@vitrine/schema';
import type { EventItem } from '@vitrine/schema/api';
import type { Client } from '../../client/client.ts';
import type { Io } from '../../print/io.ts';
import { INDENT } from '../heading.ts';

const PAGE = 1_000;

export interface Seen {
  /** Tool calls, by agent and number of the call. */
  calls: number;
  /** Of these, told by a hook before and after, and by telemetry. */
  joined: number;
  /** Of the joined ones, told by a span of the same call as well. */
  spanned: number;
  spans: number;
  metrics: number;
  decisions: Record<string, number>;
  /** Agents beside the main one that have a parent. */
  subagents: number;
  prompts: number;
  requests: number;
  /** Programs that the kernel saw start. */
  programs: number;
}

export async function allEvents(client: Client, session: string): Promise<EventItem[]> {
  const events: EventItem[] = [];
  for (;;) {
    const after = events.at(-1)?.index;
    const query = { session, order: 'asc' as const, limit: PAGE };
    const page = await client.events(after === undefined ? query : { ...query, after });
    events.push(...page.items);
    if (page.items.length < PAGE) return events;
  }
}

export function seenIn(events: EventItem[]): Seen {
  const of = (kind: string, signal: string): EventItem[] =>
    events.filter((event) => event.kind === kind && at(event, 'source.signal') === signal);
  const told = (kind: string, signal: string): Set<string> => new Set(of(kind, signal).map(callOf));
  const [called, answered] = [told('tool.call', 'hook'), told('tool.result', 'hook')];
  const [measured, decided] = [told('tool.result', 'log'), told('approval.decision', 'log')];
  const accepted = of('approval.decision', 'log').filter(
    (event) => at(event, 'decision.value') === 'accept',
  );
  const joined = accepted
    .map(callOf)
    .filter((call) => called.has(call) && answered.has(call) && measured.has(call));
  const spans = of('other', 'span');
  const timed = new Set(spans.map(callOf));
  const decisions: Record<string, number> = {};
  for (const event of of('approval.decision', 'log')) {
    const value = at(event, 'decision.value');
    decisions[value] = (decisions[value] ?? 0) + 1;
  }
  const children = events.filter((event) => at(event, 'agent.parent_id') !== '');
  return {
    calls: new Set([...called, ...decided]).size,
    joined: joined.length,
    spanned: joined.filter((call) => timed.has(call)).length,
    spans: spans.length,
    metrics: of('other', 'metric').length,
    decisions,
    subagents: new Set(children.map((event) => at(event, 'agent.id'))).size,
    prompts: told('prompt.submit', 'hook').size,
    requests: of('model.request', 'log').length,
    programs: events.filter(({ kind }) => kind === 'process.exec').length,
  };
}

function at(event: EventItem, path: string): string {
  const value = readPath(event.record, path);
  return typeof value === 'string' ? value : '';
}

/** Joins what hooks and telemetry say of one call, or of one prompt. */
function callOf(event: EventItem): string {
  const names = ['agent.session', 'agent.id', 'tool.use_id'];
  if (event.kind === 'prompt.submit') names.push('prompt.id');
  return names.map((name) => at(event, name)).join(' ');
}

/** One line for each kind, with how often each vantage saw it. */
export function printCounts(io: Io, events: EventItem[]): void {
  const seen = new Set(events.map(({ vantage }) => vantage));
  const columns = VANTAGES.filter((vantage) => seen.has(vantage));
  const kinds = Map.groupBy(events, ({ kind }) => kind);
  const cell = (text: string): string => text.padStart(CELL_CHARS);
  io.out(io.faint(`${INDENT}${'kind'.padEnd(KIND_CHARS)}${columns.map(cell).join('')}`));
  for (const kind of [...kinds.keys()].toSorted()) {
    const counts = columns.map((vantage) => {
      const count = kinds.get(kind)!.filter((event) => event.vantage === vantage).length;
      return cell(count === 0 ? '-' : String(count));
    });
    if (counts.some((count) => count.trim() !== '-')) {
      io.out(`${INDENT}${kind.padEnd(KIND_CHARS)}${counts.join('')}`);
    }
  }
}

const KIND_CHARS = 22;
const CELL_CHARS = 10;

export function printSeen(io: Io, seen: Seen): void {
  const { accept = 0, reject = 0 } = seen.decisions;
  const agents = seen.subagents === 1 ? 'one subagent' : `${seen.subagents} subagents`;
  const lines = [
    `prompts: ${seen.prompts}, requests to the model: ${seen.requests}, ${agents}`,
    `${seen.calls} tool calls: ${accept} allowed, ${reject} refused`,
    `${seen.joined} of the ${accept} allowed ones told by hooks and telemetry alike`,
    `${seen.spanned} of these by a span too, of ${seen.spans}; ${seen.metrics} metrics`,
    `${seen.programs} programs started, by the kernel's own word`,
  ];
  for (const line of lines) io.out(`${INDENT}${line}`);
}
