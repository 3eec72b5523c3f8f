/**
 * OTLP/gRPC on the socket that also speaks HTTP/1.1, with the official exporters and with senders
 * that mean harm.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-grpc';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-grpc';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-grpc';
import { LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { makeBed, pathsOf, readAll, tempDir } from '../../test/bed.ts';
import { fileReads, sendLogs } from '../../test/client.ts';
import { createIntake } from './server.ts';

// The exporters take a Unix socket for a TLS peer unless they are told otherwise.
process.env.OTEL_EXPORTER_OTLP_INSECURE = 'true';

async function intake(t: TestContext) {
  const dir = tempDir(t);
  const bed = await makeBed(t, join(dir, 'spool'));
  const socket = join(dir, 'agent.sock');
  const made = createIntake({ vantage: 'agent', custody: bed.custody, log: () => {} });
  await new Promise<void>((resolve) => made.server.listen(socket, resolve));
  t.after(() => made.close(0));
  return { bed, socket, url: `unix://${socket}`, made };
}

describe('gRPC on the socket of an intake', () => {
  it('takes logs, spans and metrics of the official exporters', async (t) => {
    const { bed, socket, url } = await intake(t);
    const logs = new LoggerProvider({
      processors: [new SimpleLogRecordProcessor({ exporter: new OTLPLogExporter({ url }) })],
    });
    logs.getLogger('x').emit({ eventName: 'file.read', attributes: { 'file.path': 'grpc' } });
    await logs.shutdown();
    const spans = new TracerProvider({
      spanProcessors: [new SimpleSpanProcessor({ exporter: new OTLPTraceExporter({ url }) })],
    });
    spans.getTracer('x').startSpan('chat').end();
    await spans.shutdown();
    const reader = new PeriodicExportingMetricReader({ exporter: new OTLPMetricExporter({ url }) });
    const meters = new MeterProvider({ readers: [reader] });
    meters.getMeter('x').createCounter('cost').add(1);
    await meters.shutdown();
    assert.equal((await sendLogs(socket, fileReads(['http']))).status, 200);
    const read = readAll(bed.spool);
    assert.deepEqual(pathsOf(read, 'agent'), ['grpc', 'http']);
    const others = read.of('agent').filter(({ record }) => record.kind === 'other');
    const named = others.map(({ record }) => (record.source as { event: string }).event);
    assert.deepEqual(named, ['chat', 'cost']);
  });
});
