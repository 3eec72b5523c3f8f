/**
 * Which fields each OTLP message has: opentelemetry-proto 1.11 (`common/v1`, `resource/v1`,
 * `trace/v1`, `metrics/v1`), without log records, which have a reader of their own.
 */
export type Scalar =
  | 'string'
  | 'bytes'
  | 'hex'
  | 'bool'
  | 'double'
  | 'uint32'
  | 'int32'
  | 'sint32'
  | 'fixed32'
  | 'int64'
  | 'uint64'
  | 'fixed64'
  | 'sfixed64';

export interface Field {
  name: string;
  number: number;
  type: Scalar | Message;
  repeated: boolean;
  /** Present even when it holds its type's default: members of a oneof and `optional` fields. */
  explicit: boolean;
}

export interface Message {
  fields: Field[];
  /** Position in `fields` by field number. */
  at: Map<number, number>;
  /** An AnyValue: the only message that can nest without end. */
  nests: boolean;
}

type Spec = [number: number, name: string, type: Scalar | Message, flag?: 'repeated' | 'explicit'];

function message(specs: Spec[], nests = false): Message {
  const made: Message = { fields: [], at: new Map(), nests };
  define(made, specs);
  return made;
}

function define(target: Message, specs: Spec[]): void {
  for (const [number, name, type, flag] of specs) {
    target.at.set(number, target.fields.length);
    const repeated = flag === 'repeated';
    target.fields.push({ number, name, type, repeated, explicit: flag === 'explicit' });
  }
}

const ANY_VALUE = message([], true);
const KEY_VALUE = message([
  [1, 'key', 'string', 'explicit'],
  [2, 'value', ANY_VALUE],
]);
const ARRAY_VALUE = message([[1, 'values', ANY_VALUE, 'repeated']]);
const KEY_VALUE_LIST = message([[1, 'values', KEY_VALUE, 'repeated']]);
define(ANY_VALUE, [
  [1, 'stringValue', 'string', 'explicit'],
  [2, 'boolValue', 'bool', 'explicit'],
  [3, 'intValue', 'int64', 'explicit'],
  [4, 'doubleValue', 'double', 'explicit'],
  [5, 'arrayValue', ARRAY_VALUE],
  [6, 'kvlistValue', KEY_VALUE_LIST],
  [7, 'bytesValue', 'bytes', 'explicit'],
]);

const ENTITY_REF = message([
  [1, 'schemaUrl', 'string'],
  [2, 'type', 'string'],
  [3, 'idKeys', 'string', 'repeated'],
  [4, 'descriptionKeys', 'string', 'repeated'],
]);

export const RESOURCE = message([
  [1, 'attributes', KEY_VALUE, 'repeated'],
  [2, 'droppedAttributesCount', 'uint32'],
  [3, 'entityRefs', ENTITY_REF, 'repeated'],
]);

export const SCOPE = message([
  [1, 'name', 'string'],
  [2, 'version', 'string'],
  [3, 'attributes', KEY_VALUE, 'repeated'],
  [4, 'droppedAttributesCount', 'uint32'],
]);

const SPAN_EVENT = message([
  [1, 'timeUnixNano', 'fixed64'],
  [2, 'name', 'string'],
  [3, 'attributes', KEY_VALUE, 'repeated'],
  [4, 'droppedAttributesCount', 'uint32'],
]);
const SPAN_LINK = message([
  [1, 'traceId', 'hex'],
  [2, 'spanId', 'hex'],
  [3, 'traceState', 'string'],
  [4, 'attributes', KEY_VALUE, 'repeated'],
  [5, 'droppedAttributesCount', 'uint32'],
  [6, 'flags', 'fixed32'],
]);
const STATUS = message([
  [2, 'message', 'string'],
  [3, 'code', 'int32'],
]);

export const SPAN = message([
  [1, 'traceId', 'hex'],
  [2, 'spanId', 'hex'],
  [3, 'traceState', 'string'],
  [4, 'parentSpanId', 'hex'],
  [5, 'name', 'string'],
  [6, 'kind', 'int32'],
  [7, 'startTimeUnixNano', 'fixed64'],
  [8, 'endTimeUnixNano', 'fixed64'],
  [9, 'attributes', KEY_VALUE, 'repeated'],
  [10, 'droppedAttributesCount', 'uint32'],
  [11, 'events', SPAN_EVENT, 'repeated'],
  [12, 'droppedEventsCount', 'uint32'],
  [13, 'links', SPAN_LINK, 'repeated'],
  [14, 'droppedLinksCount', 'uint32'],
  [15, 'status', STATUS],
  [16, 'flags', 'fixed32'],
]);

const EXEMPLAR = message([
  [2, 'timeUnixNano', 'fixed64'],
  [3, 'asDouble', 'double', 'explicit'],
  [4, 'spanId', 'hex'],
  [5, 'traceId', 'hex'],
  [6, 'asInt', 'sfixed64', 'explicit'],
  [7, 'filteredAttributes', KEY_VALUE, 'repeated'],
]);
const NUMBER_POINT = message([
  [2, 'startTimeUnixNano', 'fixed64'],
  [3, 'timeUnixNano', 'fixed64'],
  [4, 'asDouble', 'double', 'explicit'],
  [5, 'exemplars', EXEMPLAR, 'repeated'],
  [6, 'asInt', 'sfixed64', 'explicit'],
  [7, 'attributes', KEY_VALUE, 'repeated'],
  [8, 'flags', 'uint32'],
]);
const HISTOGRAM_POINT = message([
  [2, 'startTimeUnixNano', 'fixed64'],
  [3, 'timeUnixNano', 'fixed64'],
  [4, 'count', 'fixed64'],
  [5, 'sum', 'double', 'explicit'],
  [6, 'bucketCounts', 'fixed64', 'repeated'],
  [7, 'explicitBounds', 'double', 'repeated'],
  [8, 'exemplars', EXEMPLAR, 'repeated'],
  [9, 'attributes', KEY_VALUE, 'repeated'],
  [10, 'flags', 'uint32'],
  [11, 'min', 'double', 'explicit'],
  [12, 'max', 'double', 'explicit'],
]);
const BUCKETS = message([
  [1, 'offset', 'sint32'],
  [2, 'bucketCounts', 'uint64', 'repeated'],
]);
const EXPONENTIAL_POINT = message([
  [1, 'attributes', KEY_VALUE, 'repeated'],
  [2, 'startTimeUnixNano', 'fixed64'],
  [3, 'timeUnixNano', 'fixed64'],
  [4, 'count', 'fixed64'],
  [5, 'sum', 'double', 'explicit'],
  [6, 'scale', 'sint32'],
  [7, 'zeroCount', 'fixed64'],
  [8, 'positive', BUCKETS],
  [9, 'negative', BUCKETS],
  [10, 'flags', 'uint32'],
  [11, 'exemplars', EXEMPLAR, 'repeated'],
  [12, 'min', 'double', 'explicit'],
  [13, 'max', 'double', 'explicit'],
  [14, 'zeroThreshold', 'double'],
]);
const QUANTILE = message([
  [1, 'quantile', 'double'],
  [2, 'value', 'double'],
]);
const SUMMARY_POINT = message([
  [2, 'startTimeUnixNano', 'fixed64'],
  [3, 'timeUnixNano', 'fixed64'],
  [4, 'count', 'fixed64'],
  [5, 'sum', 'double'],
  [6, 'quantileValues', QUANTILE, 'repeated'],
  [7, 'attributes', KEY_VALUE, 'repeated'],
  [8, 'flags', 'uint32'],
]);

function points(point: Message, specs: Spec[] = []): Message {
  return message([[1, 'dataPoints', point, 'repeated'], ...specs]);
}
const TEMPORALITY: Spec = [2, 'aggregationTemporality', 'int32'];

export const METRIC = message([
  [1, 'name', 'string'],
  [2, 'description', 'string'],
  [3, 'unit', 'string'],
  [5, 'gauge', points(NUMBER_POINT)],
  [7, 'sum', points(NUMBER_POINT, [TEMPORALITY, [3, 'isMonotonic', 'bool']])],
  [9, 'histogram', points(HISTOGRAM_POINT, [TEMPORALITY])],
  [10, 'exponentialHistogram', points(EXPONENTIAL_POINT, [TEMPORALITY])],
  [11, 'summary', points(SUMMARY_POINT)],
  [12, 'metadata', KEY_VALUE, 'repeated'],
]);

/** Members of a metric that hold its points. */
export const METRIC_DATA = ['gauge', 'sum', 'histogram', 'exponentialHistogram', 'summary'];
