/**
 * Log records, spans and metrics as an OpenTelemetry SDK hands them to its serialisers, at random,
 * each with what OTLP/JSON says of it: what was put in, written down a second time.
 */
import { ValueType } from '@opentelemetry/api';
import { AggregationTemporality, DataPointType } from '@opentelemetry/sdk-metrics';
import type { OtlpJson, OtlpMessage } from '@vitrine/schema';
import fc from 'fast-check';
import {
  anyValueOf,
  attributes,
  attributesOf,
  body,
  byte,
  countOf,
  double,
  type GivenAttributes,
  listOf,
  nanosOf,
  spanId,
  text,
  textOf,
  time,
  traceId,
  uint32,
  written,
} from './values.ts';

/** One thing in the shape of the SDK, and in OTLP/JSON. */
export interface Item {
  sdk: object;
  json: OtlpMessage;
}

const name = fc.oneof(
  text,
  fc.constantFrom('tool.call', 'file.read', 'egress.request', 'my.event'),
  fc.constantFrom('claude_code.user_prompt', 'claude_code.tool_result', 'claude_code.unheard'),
);
const context = fc.record({ traceId, spanId, traceFlags: byte, isRemote: fc.boolean() });
const state = fc.option(text, { nil: undefined });
const IS_REMOTE_KNOWN = 0x100;
const IS_REMOTE = 0x200;

function flagsOf(traceFlags: number, isRemote: boolean | undefined): number {
  return traceFlags | IS_REMOTE_KNOWN | (isRemote === true ? IS_REMOTE : 0);
}

function traceStateOf(given: string | undefined): object | undefined {
  return given === undefined ? undefined : { serialize: () => given };
}

export const log: fc.Arbitrary<Item> = fc
  .record({
    hrTime: time,
    hrTimeObserved: time,
    severityNumber: fc.option(fc.nat(24), { nil: undefined }),
    severityText: fc.option(text, { nil: undefined }),
    body,
    eventName: fc.option(name, { nil: undefined }),
    attributes,
    droppedAttributesCount: uint32,
    spanContext: fc.option(context, { nil: undefined }),
  })
  .map((sdk) => ({
    sdk,
    json: written({
      timeUnixNano: nanosOf(sdk.hrTime),
      severityNumber: countOf(sdk.severityNumber ?? 0),
      severityText: textOf(sdk.severityText),
      body: sdk.body === null || sdk.body === undefined ? undefined : anyValueOf(sdk.body),
      attributes: attributesOf(sdk.attributes),
      droppedAttributesCount: countOf(sdk.droppedAttributesCount),
      flags: countOf(sdk.spanContext?.traceFlags ?? 0),
      traceId: sdk.spanContext?.traceId,
      spanId: sdk.spanContext?.spanId,
      observedTimeUnixNano: nanosOf(sdk.hrTimeObserved),
      eventName: textOf(sdk.eventName),
    }),
  }));

const spanEvent: fc.Arbitrary<Item> = fc
  .record({ time, name, attributes, droppedAttributesCount: uint32 })
  .map((sdk) => ({
    sdk,
    json: written({
      timeUnixNano: nanosOf(sdk.time),
      name: textOf(sdk.name),
      attributes: attributesOf(sdk.attributes),
      droppedAttributesCount: countOf(sdk.droppedAttributesCount),
    }),
  }));

const link: fc.Arbitrary<Item> = fc
  .record({ context, state, attributes, droppedAttributesCount: uint32 })
  .map(({ state: said, ...sdk }) => ({
    sdk: { ...sdk, context: { ...sdk.context, traceState: traceStateOf(said) } },
    json: written({
      traceId: sdk.context.traceId,
      spanId: sdk.context.spanId,
      traceState: textOf(said),
      attributes: attributesOf(sdk.attributes),
      droppedAttributesCount: countOf(sdk.droppedAttributesCount),
      flags: flagsOf(sdk.context.traceFlags, sdk.context.isRemote),
    }),
  }));

export const span: fc.Arbitrary<Item> = fc
  .record({
    context,
    state,
    parentSpanContext: fc.option(context, { nil: undefined }),
    name,
    kind: fc.nat(4),
    startTime: time,
    endTime: time,
    attributes,
    droppedAttributesCount: uint32,
    events: fc.array(spanEvent, { maxLength: 2 }),
    droppedEventsCount: uint32,
    links: fc.array(link, { maxLength: 2 }),
    droppedLinksCount: uint32,
    status: fc.record({ code: fc.nat(2), message: fc.option(text, { nil: undefined }) }),
  })
  .map(({ context: own, state: said, events, links, ...sdk }) => ({
    sdk: {
      ...sdk,
      spanContext: () => ({ ...own, traceState: traceStateOf(said) }),
      events: events.map((one) => one.sdk),
      links: links.map((one) => one.sdk),
    },
    json: written({
      traceId: own.traceId,
      spanId: own.spanId,
      traceState: textOf(said),
      parentSpanId: sdk.parentSpanContext?.spanId,
      name: textOf(sdk.name),
      kind: sdk.kind + 1,
      startTimeUnixNano: nanosOf(sdk.startTime),
      endTimeUnixNano: nanosOf(sdk.endTime),
      attributes: attributesOf(sdk.attributes),
      droppedAttributesCount: countOf(sdk.droppedAttributesCount),
      events: listOf(events.map(({ json }) => json)),
      droppedEventsCount: countOf(sdk.droppedEventsCount),
      links: listOf(links.map(({ json }) => json)),
      droppedLinksCount: countOf(sdk.droppedLinksCount),
      status: written({
        message: textOf(sdk.status.message),
        code: countOf(sdk.status.code),
      }),
      flags: flagsOf(own.traceFlags, sdk.parentSpanContext?.isRemote),
    }),
  }));

const count = fc.oneof(fc.nat(9), fc.maxSafeNat());
const optional = fc.option(double, { nil: undefined });
const int32 = fc.integer();

function countsOf(counts: number[]): OtlpJson[] | undefined {
  return listOf(counts.map(String));
}

function bucketsOf({ offset, bucketCounts }: { offset: number; bucketCounts: number[] }) {
  return written({ offset: countOf(offset), bucketCounts: countsOf(bucketCounts) });
}

type Points = {
  attributes: GivenAttributes;
  startTime: [number, number];
  endTime: [number, number];
};

/** A point of any metric: `of` says what its value adds. */
function points<Value>(
  value: fc.Arbitrary<Value>,
  of: (value: Value) => Record<string, OtlpJson | undefined>,
): fc.Arbitrary<Item[]> {
  const shared = { attributes, startTime: time, endTime: time };
  const point = fc.record({ ...shared, value }) as fc.Arbitrary<Points & { value: Value }>;
  return fc.array(
    point.map((sdk) => ({
      sdk,
      json: written({
        startTimeUnixNano: nanosOf(sdk.startTime),
        timeUnixNano: nanosOf(sdk.endTime),
        attributes: attributesOf(sdk.attributes),
        ...of(sdk.value),
      }),
    })),
    { maxLength: 3 },
  );
}

const histogram = points(
  fc.record({
    buckets: fc.record({ counts: fc.array(count), boundaries: fc.array(double) }),
    count,
    sum: optional,
    min: optional,
    max: optional,
  }),
  ({ buckets, count: all, sum, min, max }) => ({
    count: all === 0 ? undefined : String(all),
    bucketCounts: countsOf(buckets.counts),
    explicitBounds: listOf(buckets.boundaries),
    sum,
    min,
    max,
  }),
);
const buckets = fc.record({ offset: int32, bucketCounts: fc.array(count) });
const exponential = points(
  fc.record({
    count,
    sum: optional,
    min: optional,
    max: optional,
    scale: int32,
    zeroCount: count,
    positive: buckets,
    negative: buckets,
  }),
  ({ count: all, zeroCount, scale, positive, negative, ...rest }) => ({
    count: all === 0 ? undefined : String(all),
    zeroCount: zeroCount === 0 ? undefined : String(zeroCount),
    scale: countOf(scale),
    positive: bucketsOf(positive),
    negative: bucketsOf(negative),
    ...rest,
  }),
);
const integers = points(fc.maxSafeInteger(), (value) => ({ asInt: String(value) }));
const doubles = points(double, (value) => ({ asDouble: value }));

const data = fc.oneof(
  fc.tuple(fc.constant(DataPointType.GAUGE), fc.constant(ValueType.INT), integers),
  fc.tuple(fc.constant(DataPointType.GAUGE), fc.constant(ValueType.DOUBLE), doubles),
  fc.tuple(fc.constant(DataPointType.SUM), fc.constant(ValueType.INT), integers),
  fc.tuple(fc.constant(DataPointType.SUM), fc.constant(ValueType.DOUBLE), doubles),
  fc.tuple(fc.constant(DataPointType.HISTOGRAM), fc.constant(ValueType.DOUBLE), histogram),
  fc.tuple(
    fc.constant(DataPointType.EXPONENTIAL_HISTOGRAM),
    fc.constant(ValueType.DOUBLE),
    exponential,
  ),
);
const MEMBERS = {
  [DataPointType.GAUGE]: 'gauge',
  [DataPointType.SUM]: 'sum',
  [DataPointType.HISTOGRAM]: 'histogram',
  [DataPointType.EXPONENTIAL_HISTOGRAM]: 'exponentialHistogram',
};

export const metric: fc.Arbitrary<Item> = fc
  .record({
    name,
    description: text,
    unit: text,
    data,
    isCumulative: fc.boolean(),
    isMonotonic: fc.boolean(),
  })
  .map(({ name: named, description, unit, data: [type, valueType, items], ...how }) => {
    const aggregated = type === DataPointType.GAUGE ? undefined : how.isCumulative ? 2 : 1;
    const isMonotonic = type === DataPointType.SUM && how.isMonotonic ? true : undefined;
    return {
      sdk: {
        descriptor: { name: named, description, unit, valueType },
        dataPointType: type,
        dataPoints: items.map(({ sdk }) => sdk),
        isMonotonic: how.isMonotonic,
        aggregationTemporality: how.isCumulative
          ? AggregationTemporality.CUMULATIVE
          : AggregationTemporality.DELTA,
      },
      json: written({
        name: textOf(named),
        description: textOf(description),
        unit: textOf(unit),
        [MEMBERS[type]]: written({
          dataPoints: listOf(items.map(({ json }) => json)),
          aggregationTemporality: aggregated,
          isMonotonic,
        }),
      }),
    };
  });
