/** One node of the tree from all that was said of it. The first who says a thing is believed. */
import type { Facts } from './facts.ts';
import type { Group } from './group.ts';
import type { Decision, Source, Span, TreeNode } from './node.ts';

const NS_PER_MS = 1_000_000n;
/** Hooks stand around the call itself; telemetry tells of it later, with a duration. */
const CLOCKS: Source[] = ['hook', 'other', 'telemetry'];
/** In the order of the list: the two of one agent tell the time of one machine. */
const ORDER_CLOCKS: Source[] = ['telemetry', 'hook', 'other'];

export function makeNode(group: Group): TreeNode {
  const { id, type, facts, run, agent, prompt } = group;
  const span = spanOf(facts);
  const first = <K extends keyof Facts>(key: K) => facts.find((f) => f[key] !== undefined)?.[key];
  const sources = new Set(facts.map(({ source }) => source));
  return {
    id,
    type,
    name: nameOf(group),
    subject: first('subject') ?? first('purpose'),
    run,
    agent,
    prompt,
    span,
    order: orderOf(facts),
    leaves: facts.map(({ event, source }) => ({ index: event.index, kind: event.kind, source })),
    sources: CLOCKS.filter((source) => sources.has(source)),
    children: [],
    success: successOf(facts),
    error: first('error'),
    durationMs: first('durationMs') ?? lengthOf(span),
    inputBytes: first('inputBytes'),
    outputBytes: first('outputBytes'),
    tokensIn: first('tokensIn'),
    tokensOut: first('tokensOut'),
    length: first('promptLength'),
    decision: decisionOf(facts),
    isAsked: facts.some(({ event }) => event.kind === 'approval.request'),
  };
}

function nameOf({ type, facts }: Group): string {
  const said = (key: 'tool' | 'model' | 'agentType') =>
    facts.find((fact) => fact[key] !== undefined)?.[key] ?? '';
  if (type === 'tool') return said('tool');
  if (type === 'model') return said('model');
  if (type === 'agent') return said('agentType');
  return type === 'note' ? facts[0]!.event.kind : '';
}

/** From its first event to its last on one clock; else from an end and a duration. */
function spanOf(facts: Facts[]): Span | undefined {
  for (const by of CLOCKS) {
    const own = facts.filter(({ source }) => source === by);
    const start = own.find(({ event }) => OPENING.has(event.kind))?.t;
    const closing = own.findLast(({ event }) => CLOSING.has(event.kind));
    const end = closing && endOf(closing);
    if (start !== undefined && end !== undefined && end >= start) return { start, end, by };
  }
  for (const fact of facts) {
    if (!CLOSING.has(fact.event.kind)) continue;
    const start = startOf(fact);
    if (start < endOf(fact)) return { start, end: endOf(fact), by: fact.source };
  }
  const opening = facts.find(({ event }) => OPENING.has(event.kind));
  return opening === undefined ? undefined : { start: opening.t, by: opening.source };
}

const OPENING = new Set(['tool.call', 'agent.spawn']);
const CLOSING = new Set(['tool.result', 'agent.stop', 'model.request', 'model.error']);

/** A span is told at its start, all else when it is over. */
function startOf({ t, lengthNs, durationMs, event }: Facts): bigint {
  const isEnd = lengthNs === undefined && durationMs !== undefined && CLOSING.has(event.kind);
  return isEnd ? t - millis(durationMs) : t;
}

function endOf({ t, lengthNs = 0n }: Facts): bigint {
  return t + lengthNs;
}

function millis(ms: number): bigint {
  return BigInt(Math.round(ms)) * NS_PER_MS;
}

function lengthOf(span: Span | undefined): number | undefined {
  if (span?.end === undefined) return undefined;
  return Number((span.end - span.start) / NS_PER_MS);
}

/** When it began. Telemetry comes first: model requests are on its clock alone. */
function orderOf(facts: Facts[]): bigint {
  for (const clock of ORDER_CLOCKS) {
    const starts = facts.filter(({ source }) => source === clock).map(startOf);
    if (starts.length > 0) return starts.sort((a, b) => (a < b ? -1 : 1))[0]!;
  }
  return 0n;
}

/** A failure outweighs a success: two reporters may disagree. */
function successOf(facts: Facts[]): boolean | undefined {
  const said = facts.map(({ success }) => success).filter((value) => value !== undefined);
  if (facts.some(({ event }) => FAILED.has(event.kind))) return false;
  return said.length === 0 ? undefined : !said.includes(false);
}

const FAILED = new Set(['model.error', 'model.refusal']);

function decisionOf(facts: Facts[]): Decision | undefined {
  const fact = facts.find(({ decision }) => decision !== undefined);
  if (fact === undefined) return undefined;
  return { value: fact.decision!, source: fact.decider, index: fact.event.index };
}
