/**
 * OTLP/gRPC on the socket that also speaks HTTP/1.1, with the official exporters and with senders
 * that mean harm.
 */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-grpc';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-grpc';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-grpc';
import { LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import {
  encodeLogsRequest,
  GRPC_MESSAGE_BYTES_MAX,
  GRPC_STATUS,
  INTAKE_HEADER_MS_MAX,
  PART_BYTES_MAX,
} from '@vitrine/schema';
import { rawAnswer, rawConnect, rawExport, rawStream } from '@vitrine/schema/grpc/raw-client';
import { type BedOptions, makeBed, pathsOf, readAll, tempDir } from '../../test/bed.ts';
import { fileReads, sendLogs } from '../../test/client.ts';
import { createIntake } from './server.ts';

// The exporters take a Unix socket for a TLS peer unless they are told otherwise.
process.env.OTEL_EXPORTER_OTLP_INSECURE = 'true';

async function intake(t: TestContext, options: BedOptions = {}) {
  const dir = tempDir(t);
  const bed = await makeBed(t, join(dir, 'spool'), options);
  const socket = join(dir, 'agent.sock');
  const made = createIntake({ vantage: 'agent', custody: bed.custody, log: () => {} });
  await new Promise<void>((resolve) => made.server.listen(socket, resolve));
  t.after(() => made.close(0));
  const session = () => {
    const opened = rawConnect(socket);
    t.after(() => opened.destroy());
    return opened;
  };
  return { bed, socket, url: `unix://${socket}`, made, session };
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

  it('names the records it rejects in a partial success, as over HTTP', async (t) => {
    const { bed, socket, session } = await intake(t);
    const one = { eventName: 'file.read', timeUnixNano: '1', attributes: { 'file.path': 'kept' } };
    const request = (last: number): Buffer => {
      const sizes = { a: PART_BYTES_MAX, b: PART_BYTES_MAX, c: PART_BYTES_MAX, d: last };
      const parts = Object.entries(sizes).map(
        ([name, bytes]) => [`vitrine.part.${name}`, Buffer.alloc(bytes)] as const,
      );
      const attributes = { 'file.path': 'huge', ...Object.fromEntries(parts) };
      return encodeLogsRequest([one, { ...one, attributes }]);
    };
    // The largest message there is holds a record that no page of the relay could carry.
    const spare = request(PART_BYTES_MAX).length - GRPC_MESSAGE_BYTES_MAX;
    const largest = request(PART_BYTES_MAX - spare);
    assert.equal(largest.length, GRPC_MESSAGE_BYTES_MAX);
    const http = await sendLogs(socket, largest);
    const grpc = await rawExport(session(), largest);
    assert.equal(grpc.status, GRPC_STATUS.ok);
    assert.match(http.body.toString(), /record 1 of the request/);
    assert.deepEqual(grpc.data.subarray(5), http.body);
    assert.deepEqual(pathsOf(readAll(bed.spool), 'agent'), ['kept', 'kept']);
  });

  it('refuses a request it can keep nothing of: exporters take a part for the whole', async (t) => {
    const { bed, socket, session } = await intake(t);
    const sizes = { a: PART_BYTES_MAX, b: PART_BYTES_MAX, c: PART_BYTES_MAX };
    const request = (last: number): Buffer => {
      const parts = Object.entries({ ...sizes, d: last }).map(
        ([name, bytes]) => [`vitrine.part.${name}`, Buffer.alloc(bytes)] as const,
      );
      const attributes = { 'file.path': 'huge', ...Object.fromEntries(parts) };
      return encodeLogsRequest([{ eventName: 'file.read', timeUnixNano: '1', attributes }]);
    };
    const spare = request(PART_BYTES_MAX).length - GRPC_MESSAGE_BYTES_MAX;
    const largest = request(PART_BYTES_MAX - spare);
    const http = await sendLogs(socket, largest);
    const grpc = await rawExport(session(), largest);
    assert.deepEqual([http.status, grpc.status], [413, GRPC_STATUS.resourceExhausted]);
    assert.match(grpc.message, /record 0 of the request/);
    assert.equal(grpc.details.length, 0, 'it need not come again');
    assert.deepEqual(pathsOf(readAll(bed.spool), 'agent'), []);
  });

  it('counts what it refuses, and says when to come again', async (t) => {
    const { bed, session } = await intake(t, { bytesMax: 1_048_576 });
    const opened = session();
    assert.equal((await rawExport(opened, Buffer.from([255]))).status, GRPC_STATUS.invalidArgument);
    const record = { eventName: 'file.read', timeUnixNano: '1' };
    const attributes = { 'vitrine.part.content': Buffer.alloc(600_000) };
    const half = encodeLogsRequest([{ ...record, attributes }]);
    assert.equal((await rawExport(opened, half)).status, GRPC_STATUS.ok);
    const full = await rawExport(opened, half);
    assert.equal(full.status, GRPC_STATUS.unavailable);
    assert.match(full.message, /the spool is full/);
    // RetryInfo { retry_delay { seconds: 5 } }
    assert.deepEqual([...full.details.subarray(-4)], [0x0a, 0x02, 0x08, 5]);
    await bed.custody.close('drain');
    const closing = await rawExport(opened, half);
    assert.equal(closing.status, GRPC_STATUS.unavailable);
    assert.match(closing.message, /is closing/);
    const drops = readAll(bed.spool)
      .of('agent')
      .filter(({ record }) => record.kind === 'telemetry.drop')
      .map(({ record }) => (record.drop as { reason: string } | undefined)?.reason);
    assert.ok(drops.length > 0, 'a refusal is a record');
  });
});

describe('a socket for two protocols', () => {
  it('waits for the bytes that say which, and no longer than for a header', async (t) => {
    const { socket, session } = await intake(t);
    const spelled = connect(socket);
    const chunks: Buffer[] = [];
    spelled.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', () => {});
    for (const byte of 'POST /v1/logs HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n') {
      spelled.write(byte);
      await new Promise((done) => setImmediate(done));
    }
    const undecided = connect(socket).on('error', () => {});
    const from = performance.now();
    undecided.write('PR');
    await new Promise((done) => undecided.on('close', done).resume());
    assert.ok(performance.now() - from >= INTAKE_HEADER_MS_MAX - 100);
    assert.match(Buffer.concat(chunks).toString(), /^HTTP\/1\.1 415/);
    spelled.destroy();
    assert.equal((await rawExport(session(), encodeLogsRequest([]))).status, GRPC_STATUS.ok);
  });

  it('ends with both: a call that waits is answered, who idles is cut', async (t) => {
    const { socket, session, made, bed } = await intake(t);
    const idle = connect(socket).on('error', () => {});
    const half = rawAnswer(rawStream(session(), { end: false }));
    const answered = rawExport(session(), fileReads(['last']));
    assert.equal((await answered).status, GRPC_STATUS.ok);
    const from = performance.now();
    await made.close(100);
    assert.ok(performance.now() - from < INTAKE_HEADER_MS_MAX / 2, 'nobody is waited for');
    assert.equal((await half).status, -1);
    idle.destroy();
    assert.deepEqual(pathsOf(readAll(bed.spool), 'agent'), ['last']);
  });
});
