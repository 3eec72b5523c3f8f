/**
 * Log records, spans and metrics of Claude Code as events: names, sizes and decisions in the clear,
 * content in parts of its own. Whoever calls keeps the rest in part `otlp`. Spans and metrics keep
 * kind `other`: they repeat what log records say, and what happened once is counted once.
 */
import { OTLP_ATTRIBUTES_MAX, OTLP_NAME_CHARS_MAX } from '../limits.ts';
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
  const { members, given } = begin(draft, 'log', name, attributes);
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
  const { members, given } = begin(draft, 'span', name, attributes);
  nameAgent(members, given, true);
  members.take(SPANS.get(name.slice(FAMILY.length)) ?? [], given);
}

/** `attributes`: of the metric's first point. */
export function takeClaudeCodeMetric(draft: EventDraft, attributes: KeyValue[]): void {
  const { members } = begin(draft, 'metric', '', attributes);
  members.set('agent.product', PRODUCT);
}

function begin(
  draft: EventDraft,
  signal: 'log' | 'span' | 'metric',
  name: string,
  attributes: KeyValue[],
): { members: Members; given: Given } {
  draft.nameSignal(signal);
  const places = placesOf(`${signal} ${name}`, attributes);
  const given: Given = (key) => {
    const place = places.get(key);
    return place === undefined ? undefined : attributes[place]!.value;
  };
  const members = new Members((member, value) => draft.say(member, value));
  members.take(COMMON, given);
  return { members, given };
}

interface Layout {
  keys: string[];
  /** Of the first attribute with each name. */
  places: ReadonlyMap<string, number>;
}

const NAMES_MAX = 256;
const LAYOUTS_MAX = 8;
/** By name: most records have their attributes in an order that was seen before. */
const layouts = new Map<string, Layout[]>();

function placesOf(name: string, attributes: KeyValue[]): ReadonlyMap<string, number> {
  const known = layouts.get(name) ?? [];
  for (const { keys, places } of known) if (hasKeys(attributes, keys)) return places;
  const places = new Map<string, number>();
  for (const [i, { key }] of attributes.entries()) if (!places.has(key)) places.set(key, i);
  // Names and keys come from outside: what is kept of them is bounded.
  if (name.length <= OTLP_NAME_CHARS_MAX && attributes.length <= OTLP_ATTRIBUTES_MAX) {
    const keys = attributes.map(({ key }) => key);
    if (keys.every((key) => key.length <= OTLP_NAME_CHARS_MAX)) {
      if (layouts.size >= NAMES_MAX) layouts.clear();
      if (known.length >= LAYOUTS_MAX) known.length = 0;
      known.push({ keys, places });
      layouts.set(name, known);
    }
  }
  return places;
}

function hasKeys(attributes: KeyValue[], keys: string[]): boolean {
  if (attributes.length !== keys.length) return false;
  for (let i = 0; i < keys.length; i++) if (attributes[i]!.key !== keys[i]) return false;
  return true;
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
