/** OpenTelemetry's own SDK and exporters as clients of the collector, in protobuf and in JSON. */
import assert from 'node:assert/strict';
import { OTLPLogExporter as JsonLogExporter } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { adminToken, callApi } from './api.ts';
import { type EventItem, eventsOf } from './events.ts';
import { JSON_TYPE, post } from './otlp.ts';
import type { System } from './system.ts';
import { until } from './until.ts';

const SESSION = 'exported';
const ROWS_MS_MAX = 15_000;

interface Sender {
  url: string;
  token: string;
}

export async function takesTelemetry(system: System, token: string): Promise<void> {
  const sender = { url: system.run.otlp_http, token };
  await sendLogs(sender);
  await sendSpan(sender);
  await sendMetric(sender);
  await sendJson(sender, 'traces', { resourceSpans: [spanInJson()] });
  await sendJson(sender, 'metrics', { resourceMetrics: [metricInJson()] });
  const rows = await until('all rows are in the log', ROWS_MS_MAX, async () => {
    const found = (await eventsOf(system, SESSION)).filter(({ shim }) => shim === 'in');
    return found.length >= 7 ? found : undefined;
  });
  assert.deepEqual(rows.map(nameOf).sort(), [
    'other: a counter in JSON',
    'other: a counter in protobuf',
    'other: a log in JSON',
    'other: a log in protobuf',
    'other: a span in JSON',
    'other: a span in protobuf',
    'tool.call: ls',
  ]);
  assert.ok(rows.every(({ vantage }) => vantage === 'agent'));
  for (const row of rows.filter(({ kind }) => kind === 'other')) await assertOriginal(system, row);
}

async function sendLogs({ url, token }: Sender): Promise<void> {
  const options = { url: `${url}/v1/logs`, headers: { authorization: `Bearer ${token}` } };
  const exporters = { protobuf: new OTLPLogExporter(options), JSON: new JsonLogExporter(options) };
  for (const [name, exporter] of Object.entries(exporters)) {
    const provider = new LoggerProvider({
      processors: [new SimpleLogRecordProcessor({ exporter })],
    });
    const logger = provider.getLogger('acceptance');
    const attributes = { 'session.id': SESSION };
    logger.emit({ eventName: `a log in ${name}`, body: 'hello', attributes });
    if (name === 'protobuf') {
      const tool = { ...attributes, 'tool.name': 'ls' };
      logger.emit({ eventName: 'tool.call', attributes: tool });
    }
    await provider.shutdown();
  }
}

async function sendSpan({ url, token }: Sender): Promise<void> {
  const headers = { authorization: `Bearer ${token}` };
  const exporter = new OTLPTraceExporter({ url: `${url}/v1/traces`, headers });
  const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
  const span = provider.getTracer('acceptance').startSpan('a span in protobuf');
  span.setAttribute('session.id', SESSION);
  span.end();
  await provider.shutdown();
}

async function sendMetric({ url, token }: Sender): Promise<void> {
  const headers = { authorization: `Bearer ${token}` };
  const exporter = new OTLPMetricExporter({ url: `${url}/v1/metrics`, headers });
  const provider = new MeterProvider({
    readers: [new PeriodicExportingMetricReader({ exporter })],
  });
  const counter = provider.getMeter('acceptance').createCounter('a counter in protobuf');
  counter.add(1, { 'session.id': SESSION });
  await provider.shutdown();
}

async function sendJson({ url, token }: Sender, signal: string, message: object): Promise<void> {
  const body = Buffer.from(JSON.stringify(message));
  const answer = await post({ url: `${url}/v1/${signal}`, token, type: JSON_TYPE, body });
  assert.equal(answer.status, 200, answer.body.toString());
}

const OF_SESSION = { key: 'session.id', value: { stringValue: SESSION } };
const NOW_NS = `${Date.now()}000000`;

function spanInJson(): object {
  const span = {
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: 'b7ad6b7169203331',
    name: 'a span in JSON',
    startTimeUnixNano: NOW_NS,
    endTimeUnixNano: NOW_NS,
    attributes: [OF_SESSION],
  };
  return { scopeSpans: [{ scope: { name: 'acceptance' }, spans: [span] }] };
}

function metricInJson(): object {
  const point = { asInt: '1', timeUnixNano: NOW_NS, attributes: [OF_SESSION] };
  const sum = { aggregationTemporality: 2, isMonotonic: true, dataPoints: [point] };
  const metric = { name: 'a counter in JSON', sum };
  return { scopeMetrics: [{ scope: { name: 'acceptance' }, metrics: [metric] }] };
}

function nameOf({ kind, record }: EventItem): string {
  const { source, tool } = record as { source?: { event?: string }; tool?: { name: string } };
  return `${kind}: ${tool?.name ?? source?.event}`;
}

/** What was sent is kept whole as a part. */
async function assertOriginal({ run, data }: System, row: EventItem): Promise<void> {
  const path = `/v1/events/${row.log}/${row.index}/parts/otlp`;
  const { status, text } = await callApi(run, adminToken(data), 'GET', path);
  assert.equal(status, 200, text);
  const { source } = row.record as { source: { event: string } };
  assert.ok(text.includes(source.event), `${source.event} is not in ${text}`);
  assert.ok(text.includes('acceptance'), 'the scope is not kept');
}
