/**
 * Log records, spans and metrics of Claude Code as events: names, sizes and decisions in the clear,
 * content in parts of its own. Whoever calls keeps the rest in part `otlp`. Spans and metrics keep
 * kind `other`: they repeat what log records say, and what happened once is counted once.
 */
import type { EventDraft } from '../otlp/draft.ts';
import type { AnyValue, KeyValue } from '../otlp/model.ts';
import { contentOf, type Given, Members } from './members.ts';
import { COMMON, NUMBERED } from './readings.ts';
import { FAMILY, nameAgent, PRODUCT } from './source.ts';
import { LOG_EVENTS, SPANS, type TelemetryEvent } from './telemetry-events.ts';
import { describeTool } from './tool.ts';

const UNKNOWN: TelemetryEvent = { kind: 'other', members: [] };

/** Resolves to the event's kind. `name`: as in `isClaudeCode`, which has said yes. */
export function takeClaudeCodeLog(draft: EventDraft, name: string, attributes: KeyValue[]): string {
  const event = LOG_EVENTS.get(name.slice(FAMILY.length)) ?? UNKNOWN;
  const { members, given } = begin(draft, 'log', attributes);
  nameAgent(members, given, true);
  members.take(NUMBERED, given);
  members.take(event.members, given);
  for (const input of ['tool_input', 'tool_parameters']) {
    describeTool(members, given('tool_name'), given(input));
  }
  moveContent(draft, event, attributes);
  return event.kind;
}

export function takeClaudeCodeSpan(draft: EventDraft, name: string, attributes: KeyValue[]): void {
  const { members, given } = begin(draft, 'span', attributes);
  nameAgent(members, given, true);
  members.take(SPANS.get(name.slice(FAMILY.length)) ?? [], given);
}

/** `attributes`: of the metric's first point. */
export function takeClaudeCodeMetric(draft: EventDraft, attributes: KeyValue[]): void {
  const { members } = begin(draft, 'metric', attributes);
  members.set('agent.product', PRODUCT);
}

function begin(
  draft: EventDraft,
  signal: 'log' | 'span' | 'metric',
  attributes: KeyValue[],
): { members: Members; given: Given } {
  draft.nameSignal(signal);
  const values = new Map<string, AnyValue>();
  for (const { key, value } of attributes) if (!values.has(key)) values.set(key, value);
  const given: Given = (key) => values.get(key);
  const members = new Members((member, value) => draft.say(member, value));
  members.take(COMMON, given);
  return { members, given };
}

function moveContent(draft: EventDraft, event: TelemetryEvent, attributes: KeyValue[]): void {
  const held = new Map<string, AnyValue>();
  for (const [i, { key, value }] of attributes.entries()) {
    const part = event.parts?.[key];
    if (part === undefined || contentOf(value) === undefined) continue;
    // The same text under two names is one part.
    if (held.get(part) === value) draft.moved?.set(i, part);
    else if (draft.move(i, part, value)) held.set(part, value);
  }
}
