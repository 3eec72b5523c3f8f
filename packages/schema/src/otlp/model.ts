/**
 * OTLP as this package holds it in memory. Log records, the hot path, have a shape of their own;
 * everything else is kept as its OTLP/JSON mapping, of which only known members remain.
 */
import type { EventColumns } from '../columns.ts';
import type { MembersText } from '../event.ts';
import type { JsonObject } from '../json.ts';
import type { Claim } from './origin.ts';
import type { OriginalSource } from './original.ts';

export type Signal = 'logs' | 'traces' | 'metrics';

/** An OTLP double, told apart from an integer. */
export class OtlpDouble {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

/** An OTLP key-value list. */
export class OtlpMap {
  readonly entries: KeyValue[];

  constructor(entries: KeyValue[]) {
    this.entries = entries;
  }
}

/** A value nested deeper than `OTLP_VALUE_DEPTH_MAX`, kept as it came. */
export class OtlpOpaque {
  readonly encoding: 'protobuf' | 'json';
  /** Base64 of the wire bytes, or JSON text. */
  readonly text: string;

  constructor(encoding: 'protobuf' | 'json', text: string) {
    this.encoding = encoding;
    this.text = text;
  }
}

/** `null` is an AnyValue without a value; integers beyond 2^53−1 are bigints. */
export type AnyValue =
  | null
  | string
  | boolean
  | number
  | bigint
  | OtlpDouble
  | Uint8Array
  | AnyValue[]
  | OtlpMap
  | OtlpOpaque;

export interface KeyValue {
  key: string;
  value: AnyValue;
}

/** LogRecord of opentelemetry/proto/logs/v1. Times are decimal text, `'0'` when absent. */
export class OtlpLogRecord {
  timeUnixNano = '0';
  observedTimeUnixNano = '0';
  severityNumber = 0;
  severityText = '';
  body: AnyValue = null;
  attributes: KeyValue[] = [];
  droppedAttributesCount = 0;
  flags = 0;
  /** Lower-case hex. */
  traceId = '';
  spanId = '';
  eventName = '';
  /**
   * Of a record that is no event of ours and came as protobuf: its text for part `otlp`, made while
   * it was read. `attributes` then holds only those with a name in `SHARED_KEYS`.
   */
  original: OriginalText | undefined = undefined;
  /** Of one of Claude Code that came as protobuf: what its text can be made from. */
  source: OriginalSource | undefined = undefined;
  /** Of an event of ours that was usual; `attributes` is then empty. */
  direct: DirectEvent | undefined = undefined;
}

/** What `direct/writer.ts` makes of a record. */
export interface DirectEvent {
  text: MembersText;
  /** For a relay: what it follows its shims by. */
  fields: JsonObject;
  /** For anybody else. */
  columns: EventColumns | undefined;
  parts: Record<string, Uint8Array>;
  claim: Claim | undefined;
  sequence: number | undefined;
}

/** A text in `chunk[start, end)`, which nothing writes again. */
export interface OriginalText {
  chunk: Buffer;
  start: number;
  end: number;
}

/** Attributes under which records of several dialects say which session and event they are of. */
export const SHARED_KEYS = [
  'session.id',
  'conversation.id',
  'gen_ai.conversation.id',
  'service.instance.id',
  'event.name',
  'event.sequence',
  'vitrine.shim.seq',
];

/** A message in its OTLP/JSON mapping, members in field order, defaults left out. */
export interface OtlpMessage {
  [member: string]: OtlpJson;
}
export type OtlpJson = string | number | boolean | OtlpMessage | OtlpJson[];

/** Records that share a resource and a scope. */
export interface OtlpGroup<Item> {
  resource: OtlpMessage;
  resourceSchemaUrl: string;
  scope: OtlpMessage;
  scopeSchemaUrl: string;
  items: Item[];
}

/** One decoded export request; `count` is the number of log records, spans or metrics. */
export type OtlpExport =
  | { signal: 'logs'; count: number; groups: OtlpGroup<OtlpLogRecord>[] }
  | { signal: 'traces' | 'metrics'; count: number; groups: OtlpGroup<OtlpMessage>[] };

/** The text or integer of an attribute in the JSON mapping; `undefined` for anything else. */
export function messageAttribute(message: OtlpMessage, key: string): string | undefined {
  const { attributes } = message;
  if (!Array.isArray(attributes)) return undefined;
  for (const attribute of attributes) {
    if (!isMessage(attribute) || attribute.key !== key || !isMessage(attribute.value)) continue;
    const { stringValue, intValue } = attribute.value;
    if (typeof stringValue === 'string') return stringValue;
    if (typeof intValue === 'string') return intValue;
  }
  return undefined;
}

export function isMessage(value: unknown): value is OtlpMessage {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
