/**
 * One span as an event, by the rules of log records: a span whose name is a kind of ours gets its
 * attributes as members, and where it stands in its trace, how long it took and how it ended as
 * `trace` and `span`. What has no member there (events, links, a trace state, a status in words)
 * keeps the original in part `otlp`, as does every span that no shim of ours sent.
 */
import { isClaudeCode } from '../claude-code/source.ts';
import { takeClaudeCodeSpan } from '../claude-code/telemetry.ts';
import { EVENT_KINDS, type SandboxEvent } from '../event.ts';
import { EventDraft, readNames } from './draft.ts';
import { cutName } from './fields.ts';
import { attributesOf } from './message-value.ts';
import { isMessage, type OtlpJson, type OtlpMessage } from './model.ts';
import type { Origin } from './origin.ts';

/**
 * SpanKind by number (opentelemetry-proto 1.11, trace/v1). 0, unspecified, may be taken for 1,
 * internal, and both say nothing.
 */
const SPAN_KINDS = [undefined, undefined, 'server', 'client', 'producer', 'consumer'];
const SPAN_KIND_INTERNAL = 1;
/** Status.StatusCode by number. */
const STATUS_CODES = [undefined, 'ok', 'error'];
/** Members of a span in its JSON mapping that have a place in the event. */
const PLACED = new Set([
  'traceId',
  'spanId',
  'parentSpanId',
  'name',
  'kind',
  'startTimeUnixNano',
  'endTimeUnixNano',
  'attributes',
  'status',
  'flags',
]);

/** `at` is the span's place in its group. */
export function spanEvent(span: OtlpMessage, origin: Origin, at: number): SandboxEvent {
  const name = textOf(span.name);
  const typed = EVENT_KINDS.has(name);
  const attributes = attributesOf(span);
  const draft = new EventDraft(origin, readNames(attributes));
  if (typed) {
    draft.takeAttributes(attributes);
    takeSpan(draft, span);
  } else if (isClaudeCode(name, origin)) {
    takeClaudeCodeSpan(draft, name, attributes);
    draft.place(textOf(span.traceId), textOf(span.spanId), 0);
    draft.parent(textOf(span.parentSpanId));
  }
  if (!typed || !draft.whole || origin.shim === undefined) {
    const text = JSON.stringify(withoutMoved(span, draft.moved));
    const original = Buffer.from(`${origin.context.before(at)}"span":${text}}`);
    draft.keepOriginal(cutName(name), original);
  }
  const t = textOf(span.startTimeUnixNano) || textOf(span.endTimeUnixNano) || '0';
  return draft.finish(typed ? name : 'other', t);
}

function takeSpan(draft: EventDraft, span: OtlpMessage): void {
  draft.place(textOf(span.traceId), textOf(span.spanId), numberOf(span.flags));
  draft.parent(textOf(span.parentSpanId));
  const kind = numberOf(span.kind);
  const said = SPAN_KINDS[kind];
  if (said !== undefined) draft.say('span.kind', said);
  else if (kind !== 0 && kind !== SPAN_KIND_INTERNAL) draft.whole = false;
  takeTimes(draft, span);
  takeStatus(draft, span.status);
  if (Object.keys(span).some((member) => !PLACED.has(member))) draft.whole = false;
}

/** A point in time has no duration; an end that is before its start is only in the original. */
function takeTimes(draft: EventDraft, span: OtlpMessage): void {
  const start = textOf(span.startTimeUnixNano);
  const end = textOf(span.endTimeUnixNano);
  if (start === '' || end === '') {
    if (start !== end) draft.whole = false;
    return;
  }
  const duration = BigInt(end) - BigInt(start);
  if (duration < 0n) draft.whole = false;
  else if (duration > 0n) draft.say('span.duration_ns', integer(duration));
}

function integer(value: bigint): number | bigint {
  return value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
}

function takeStatus(draft: EventDraft, status: OtlpJson | undefined): void {
  if (!isMessage(status)) return;
  const code = numberOf(status.code);
  const said = STATUS_CODES[code];
  if (said !== undefined) draft.say('span.status', said);
  else if (code !== 0) draft.whole = false;
  // Words about a failure may quote what failed: they stay where they can be redacted.
  if (status.message !== undefined) draft.whole = false;
}

/** Values that are parts of their own are named and not repeated. */
function withoutMoved(
  span: OtlpMessage,
  moved: ReadonlyMap<number, string> | undefined,
): OtlpMessage {
  const { attributes } = span;
  if (moved === undefined || !Array.isArray(attributes)) return span;
  const named = attributes.map((attribute, i) => {
    const part = moved.get(i);
    if (part === undefined || !isMessage(attribute)) return attribute;
    return { key: attribute.key ?? '', part };
  });
  return { ...span, attributes: named };
}

function textOf(value: OtlpJson | undefined): string {
  return typeof value === 'string' ? value : '';
}

function numberOf(value: OtlpJson | undefined): number {
  return typeof value === 'number' ? value : 0;
}
