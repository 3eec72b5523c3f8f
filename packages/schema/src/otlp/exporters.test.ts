/**
 * The official OpenTelemetry SDK and exporters as oracle: what they send is decoded and compared
 * with what was given to them, and with each other.
 */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { OTLPLogExporter as JsonLogExporter } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import type { SandboxEvent } from '../event.ts';
import { decodeExport } from './decode.ts';
import { toEvents } from './events.ts';
import type { OtlpMessage, Signal } from './model.ts';

interface Received {
  signal: Signal;
  contentType: 'protobuf' | 'json';
  body: Buffer;
}

const received: Received[] = [];
const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const signal = String(request.url).replace('/v1/', '') as Signal;
    const json = request.headers['content-type'] === 'application/json';
    const contentType = json ? 'json' : 'protobuf';
    received.push({ signal, contentType, body: Buffer.concat(chunks) });
    response.setHeader('content-type', String(request.headers['content-type']));
    response.end(json ? '{}' : undefined);
  });
});
let url = '';

before(async () => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/`;
});
after(() => server.close());

function take(): Received[] {
  return received.splice(0);
}

function eventsOf({ signal, contentType, body }: Received): SandboxEvent[] {
  return toEvents(decodeExport(signal, contentType, body));
}

function originalOf(event: SandboxEvent | undefined): OtlpMessage {
  return JSON.parse(Buffer.from(event!.parts.otlp!).toString()) as OtlpMessage;
}

test('logs: both exporters give the same events, and they say what was logged', async () => {
  const provider = new LoggerProvider({
    processors: [
      new SimpleLogRecordProcessor({ exporter: new OTLPLogExporter({ url: `${url}logs` }) }),
      new SimpleLogRecordProcessor({ exporter: new JsonLogExporter({ url: `${url}logs` }) }),
    ],
  });
  const logger = provider.getLogger('a.scope', '1.2.3');
  const attributes = {
    text: 'grüße, 漢字 \u0000 "quoted" \\ \u{1F512}',
    empty: '',
    small: -7,
    large: 2 ** 53 - 1,
    half: 0.5,
    yes: true,
    bytes: new Uint8Array([0, 255, 128]),
    list: ['a', 1, false],
    map: { inner: { leaf: [0.25] } },
    'session.id': 's-1',
    'event.sequence': 12,
  };
  const timestamp: [number, number] = [1_795_425_180, 779_000_123];
  logger.emit({ eventName: 'an.event', timestamp, severityNumber: 9, body: 'hello', attributes });
  await provider.forceFlush();
  await provider.shutdown();
  const requests = take();
  const sent = (type: string): SandboxEvent[] =>
    requests.filter((request) => request.contentType === type).flatMap(eventsOf);
  const protobuf = sent('protobuf');
  assert.equal(protobuf.length, 1);
  assert.deepEqual(sent('json'), protobuf);
  const [event] = protobuf;
  assert.equal(event!.t, '1795425180779000123');
  assert.equal(event!.session, 's-1');
  assert.equal(event!.sequence, 12);
  const { service, ...source } = event!.fields.source as Record<string, string>;
  assert.match(service!, /^unknown_service/);
  assert.deepEqual(source, { event: 'an.event', scope: 'a.scope' });
  const { logRecord } = originalOf(event) as { logRecord: { attributes: OtlpMessage[] } };
  const values = Object.fromEntries(logRecord.attributes.map(({ key, value }) => [key, value]));
  assert.deepEqual(values.text, { stringValue: attributes.text });
  assert.deepEqual(values.empty, { stringValue: '' });
  assert.deepEqual(values.small, { intValue: '-7' });
  assert.deepEqual(values.large, { intValue: '9007199254740991' });
  assert.deepEqual(values.half, { doubleValue: 0.5 });
  assert.deepEqual(values.bytes, { bytesValue: 'AP+A' });
  assert.deepEqual(values.list, {
    arrayValue: { values: [{ stringValue: 'a' }, { intValue: '1' }, { boolValue: false }] },
  });
  assert.deepEqual(values.map, {
    kvlistValue: {
      values: [
        {
          key: 'inner',
          value: {
            kvlistValue: {
              values: [{ key: 'leaf', value: { arrayValue: { values: [{ doubleValue: 0.25 }] } } }],
            },
          },
        },
      ],
    },
  });
});

test('traces: a span is one event that keeps events, links and status', async () => {
  const exporter = new OTLPTraceExporter({ url: `${url}traces` });
  const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
  const tracer = provider.getTracer('tracer', '9');
  const startTime: [number, number] = [1_795_425_181, 32];
  const linked = tracer.startSpan('linked');
  linked.end();
  const links = [{ context: linked.spanContext(), attributes: { why: 'because' } }];
  const span = tracer.startSpan('work', { startTime, links, kind: 2 });
  span.setAttributes({ 'session.id': 's-2', 'tool.use_id': 'toolu_1', count: 3 });
  span.addEvent('attempt', { n: 1 }, [1_795_425_181, 40]);
  span.setStatus({ code: 2, message: 'it failed' });
  span.end([1_795_425_181, 99]);
  await provider.forceFlush();
  await provider.shutdown();
  const event = take()
    .flatMap(eventsOf)
    .find(({ fields }) => (fields.source as OtlpMessage).event === 'work');
  assert.equal(event!.kind, 'other');
  assert.equal(event!.t, '1795425181000000032');
  assert.equal(event!.session, 's-2');
  const { span: original, scope } = originalOf(event) as Record<string, OtlpMessage>;
  assert.deepEqual(scope, { name: 'tracer', version: '9' });
  assert.equal(original!.traceId, span.spanContext().traceId);
  assert.equal(original!.spanId, span.spanContext().spanId);
  assert.equal(original!.endTimeUnixNano, '1795425181000000099');
  assert.deepEqual(original!.status, { message: 'it failed', code: 2 });
  const [spanEvent] = original!.events as OtlpMessage[];
  assert.equal(spanEvent!.name, 'attempt');
  assert.equal(spanEvent!.timeUnixNano, '1795425181000000040');
  const [link] = original!.links as OtlpMessage[];
  assert.equal(link!.spanId, linked.spanContext().spanId);
  assert.deepEqual(link!.attributes, [{ key: 'why', value: { stringValue: 'because' } }]);
});

test('metrics: sum, gauge and both histograms keep their points', async () => {
  const exporter = new OTLPMetricExporter({ url: `${url}metrics` });
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 60_000 });
  const view = { instrumentName: 'spread', aggregation: { type: 5 } } as const;
  const provider = new MeterProvider({ readers: [reader], views: [view] });
  const meter = provider.getMeter('meter');
  meter.createCounter('tokens', { unit: '1', valueType: 0 }).add(5, { 'session.id': 's-3' });
  meter.createGauge('level').record(-0.25, { 'session.id': 's-3' });
  meter.createHistogram('latency').record(12.5, { 'session.id': 's-3' });
  const spread = meter.createHistogram('spread');
  for (const value of [0, 0.001, 3, 400]) spread.record(value);
  await provider.forceFlush();
  const events = take().flatMap(eventsOf);
  await provider.shutdown();
  const names = events.map(({ fields }) => (fields.source as OtlpMessage).event);
  assert.deepEqual(names.sort(), ['latency', 'level', 'spread', 'tokens']);
  const metricOf = (name: string): OtlpMessage => {
    const event = events.find(({ fields }) => (fields.source as OtlpMessage).event === name);
    return (originalOf(event) as { metric: OtlpMessage }).metric;
  };
  const pointOf = (name: string, data: string): OtlpMessage =>
    ((metricOf(name)[data] as OtlpMessage).dataPoints as OtlpMessage[])[0]!;
  assert.equal(pointOf('tokens', 'sum').asInt, '5');
  assert.equal((metricOf('tokens').sum as OtlpMessage).isMonotonic, true);
  assert.equal(pointOf('level', 'gauge').asDouble, -0.25);
  const latency = pointOf('latency', 'histogram');
  assert.deepEqual([latency.count, latency.sum, latency.min, latency.max], ['1', 12.5, 12.5, 12.5]);
  assert.equal((latency.bucketCounts as string[]).length, 16);
  assert.equal((latency.bucketCounts as string[])[3], '1');
  assert.equal((latency.explicitBounds as number[])[3], 25);
  const exponential = pointOf('spread', 'exponentialHistogram');
  assert.equal(exponential.count, '4');
  assert.equal(exponential.zeroCount, '1');
  assert.equal(exponential.max, 400);
  const { bucketCounts } = exponential.positive as { bucketCounts: string[] };
  assert.equal(
    bucketCounts.reduce((sum, count) => sum + Number(count), 0),
    3,
  );
  const tokens = events.find(({ session }) => session === 's-3');
  assert.equal(tokens!.t.length, 19);
});
