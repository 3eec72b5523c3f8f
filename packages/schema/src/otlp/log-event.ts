/**
 * One log record as an event. A record whose `eventName` is a kind of ours gets its attributes as
 * members; one of our own shims (resource attribute `vitrine.shim.name`) needs no part `otlp` then,
 * unless something in it could not become a member. Of any other record only its names are in the
 * clear: prompts and results stay in the part, where they can be redacted. Claude Code's own
 * records are known by name and typed.
 */
import { isClaudeCode } from '../claude-code/source.ts';
import { takeClaudeCodeLog } from '../claude-code/telemetry.ts';
import { EVENT_KINDS, type SandboxEvent } from '../event.ts';
import { EventDraft, readNames } from './draft.ts';
import { cutName } from './fields.ts';
import type { DirectEvent, OtlpLogRecord } from './model.ts';
import { betterClaim, type Origin } from './origin.ts';
import { logRecordText } from './text.ts';

/** `at` is the record's place in its group. */
export function logEvent(record: OtlpLogRecord, origin: Origin, at: number): SandboxEvent {
  if (record.direct !== undefined) return directEvent(record, record.direct, origin);
  const typed = EVENT_KINDS.has(record.eventName);
  const said = readNames(record.attributes);
  const name = nameOf(record, said.eventName);
  const draft = new EventDraft(origin, said);
  let kind = typed ? name : 'other';
  if (typed) {
    // What a page of another log says beside the attributes is made from them.
    if (!origin.replayed && !isPlain(record)) draft.whole = false;
    draft.takeAttributes(record.attributes);
    draft.place(record.traceId, record.spanId, record.flags);
  } else if (record.original === undefined && isClaudeCode(name, origin)) {
    kind = takeClaudeCodeLog(draft, name, record.attributes);
    draft.place(record.traceId, record.spanId, 0);
  }
  const isOurs = origin.shim !== undefined || origin.replayed;
  if (!typed || !draft.whole || !isOurs) {
    draft.keepOriginal(cutName(name), originalOf(record, origin, at, draft.moved));
  }
  return draft.finish(kind, timeOf(record));
}

function timeOf({ timeUnixNano, observedTimeUnixNano }: OtlpLogRecord): string {
  return timeUnixNano === '0' ? observedTimeUnixNano : timeUnixNano;
}

function directEvent(record: OtlpLogRecord, direct: DirectEvent, origin: Origin): SandboxEvent {
  const { text, fields, columns, parts, claim, sequence } = direct;
  const event: SandboxEvent = { kind: record.eventName, t: timeOf(record), fields, text, parts };
  if (columns !== undefined) event.columns = columns;
  const session = betterClaim(claim, origin.session)?.session;
  if (session !== undefined) event.session = session;
  if (sequence !== undefined) event.sequence = sequence;
  return event;
}

function isPlain(record: OtlpLogRecord): boolean {
  const { body, severityNumber, severityText, droppedAttributesCount } = record;
  return (
    body === null && severityNumber === 0 && severityText === '' && droppedAttributesCount === 0
  );
}

/** `eventName`; else a body that is the event's own name, with or without its family; else that. */
function nameOf(record: OtlpLogRecord, eventName: string): string {
  if (record.eventName !== '') return record.eventName;
  const { body } = record;
  const named = typeof body === 'string' && (body === eventName || body.endsWith(`.${eventName}`));
  return named && eventName !== '' ? body : eventName;
}

function originalOf(
  record: OtlpLogRecord,
  { context }: Origin,
  at: number,
  moved: ReadonlyMap<number, string> | undefined,
): Buffer {
  const { original, source } = record;
  if (original !== undefined) return context.around(at, original);
  if (source !== undefined) return context.around(at, source.writer.rewrite(record, source, moved));
  const text = logRecordText(record, moved);
  return Buffer.from(`${context.before(at)}"logRecord":${text}}`);
}
