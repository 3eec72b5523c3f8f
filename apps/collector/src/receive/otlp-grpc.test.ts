/**
 * OTLP/gRPC of the collector: the official exporters are heard, and whatever OTLP/HTTP refuses is
 * refused with the same words and the status that belongs to them.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import type { ClientHttp2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
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
  OTLP_BODIES_BYTES_MAX,
  OTLP_BODY_BYTES_MAX,
  OTLP_RECORDS_MAX,
} from '@vitrine/schema';
import {
  type RawCall,
  rawAnswer,
  rawConnect,
  rawExport,
  rawStream,
} from '@vitrine/schema/grpc/raw-client';
import { Budget } from '@vitrine/schema/receive';
import { Tokens } from '../access/tokens.ts';
import { Repeats } from '../admit/repeats.ts';
import { CollectorError } from '../error.ts';
import { Figures } from '../metrics/figures.ts';
import type { Entry } from '../queue/entry.ts';
import { Journal } from '../queue/journal.ts';
import { hostClock } from '../sequence/sequencer.ts';
import { grpcReceiver } from './otlp-grpc.ts';

/** What its exporters send at once unless told otherwise. */
const COLLECTOR_BATCH_RECORDS = 8_192;
const dir = mkdtempSync(join(tmpdir(), 'vitrine-grpc-'));
const journal = new Journal({ dir: join(dir, 'journal'), fsync: true, log: () => {} });
const tokens = new Tokens(dir);
const ingest = tokens.create('ingest', 'default', '', new Date(), null);
const reader = tokens.create('reader', 'default', '', new Date(), null);
const clock = hostClock(() => 1_764_000_000_000);
const budget = new Budget(OTLP_BODIES_BYTES_MAX);
const logged: string[] = [];
const receiver = grpcReceiver({
  journal,
  tokens,
  tenant: 'default',
  repeats: new Repeats(),
  figures: new Figures(),
  clock,
  budget,
  log: (line) => logged.push(line),
});
let url = '';
let session: ClientHttp2Session;

before(async () => {
  journal.open(0, () => {});
  await new Promise<void>((done) => receiver.server.listen(0, '127.0.0.1', done));
  url = `http://127.0.0.1:${(receiver.server.address() as AddressInfo).port}`;
  session = rawConnect(url);
});
after(async () => {
  session.destroy();
  await receiver.close(0);
  await journal.close();
  rmSync(dir, { recursive: true });
});

let sent = 0;
/** No two are equal: a repeat is not kept. */
function oneRecord(): Buffer {
  return encodeLogsRequest([{ timeUnixNano: String(++sent), body: 'x', attributes: {} }]);
}

function push(message: Uint8Array, { headers = {}, ...call }: RawCall = {}) {
  const authorization = `Bearer ${ingest}`;
  return rawExport(session, message, { ...call, headers: { authorization, ...headers } });
}

describe('OTLP over gRPC', () => {
  it('answers OK in trailers, behind an empty response, once it is in the queue', async () => {
    const before = journal.waitingEntries;
    const answer = await push(oneRecord());
    assert.deepEqual([answer.status, answer.trailersOnly], [GRPC_STATUS.ok, false]);
    assert.deepEqual([...answer.data], [0, 0, 0, 0, 0], 'no partial success');
    assert.equal(answer.headers['content-type'], 'application/grpc');
    assert.equal(journal.waitingEntries, before + 1);
    assert.equal(budget.held, 0);
  });

  it('takes a repeat without keeping it twice, whichever way it came', async () => {
    const before = journal.waitingEntries;
    const message = oneRecord();
    assert.equal((await push(message)).status, GRPC_STATUS.ok);
    assert.equal((await push(message)).status, GRPC_STATUS.ok);
    assert.equal(journal.waitingEntries, before + 1);
  });

  it('takes what the official exporters send, packed, with a token in their metadata', async () => {
    process.env.OTEL_EXPORTER_OTLP_HEADERS = `authorization=Bearer%20${ingest}`;
    const before = journal.waitingEntries;
    const options = { url, compression: 'gzip' as never };
    try {
      const logs = new LoggerProvider({
        processors: [new SimpleLogRecordProcessor({ exporter: new OTLPLogExporter(options) })],
      });
      logs.getLogger('x').emit({ body: 'from the exporter '.repeat(50) });
      await logs.shutdown();
      const spans = new TracerProvider({
        spanProcessors: [new SimpleSpanProcessor({ exporter: new OTLPTraceExporter(options) })],
      });
      spans.getTracer('x').startSpan('a span').end();
      await spans.shutdown();
      const exporter = new OTLPMetricExporter(options);
      const meters = new MeterProvider({
        readers: [new PeriodicExportingMetricReader({ exporter })],
      });
      meters.getMeter('x').createCounter('a counter').add(1);
      await meters.shutdown();
    } finally {
      delete process.env.OTEL_EXPORTER_OTLP_HEADERS;
    }
    assert.equal(journal.waitingEntries, before + 3);
  });

  it('refuses with the status, the code and what to do', async () => {
    const many = encodeLogsRequest(
      Array.from({ length: OTLP_RECORDS_MAX + 1 }, () => ({ timeUnixNano: '1', attributes: {} })),
    );
    // Its prefix is enough.
    const tooLarge = Buffer.alloc(5);
    tooLarge.writeUInt32BE(OTLP_BODY_BYTES_MAX + 1, 1);
    const cases: [ReturnType<typeof push>, number, RegExp][] = [
      [push(oneRecord(), { headers: { authorization: '' } }), 16, /^UNAUTHENTICATED: .*Bearer%20/],
      [push(oneRecord(), { headers: { authorization: 'Bearer no' } }), 16, /^UNAUTHENTICATED/],
      [
        push(oneRecord(), { headers: { authorization: `Bearer ${reader}` } }),
        7,
        /^FORBIDDEN: role/,
      ],
      [push(Buffer.from([255, 255, 255])), 3, /^OTLP_MALFORMED/],
      [push(many), 8, /^OTLP_TOO_MANY_RECORDS/],
      [push(Buffer.alloc(0), { body: tooLarge }), 8, /^OTLP_TOO_LARGE/],
      [push(oneRecord(), { headers: { 'grpc-encoding': 'br' } }), 12, /^GRPC_UNIMPLEMENTED/],
    ];
    const before = journal.waitingEntries;
    for (const [asked, status, text] of cases) {
      const answer = await asked;
      assert.equal(answer.status, status, answer.message);
      assert.match(answer.message, text);
      assert.equal(answer.details.length, 0, 'nothing says that it may be sent again');
    }
    assert.equal(journal.waitingEntries, before, 'nothing of it was kept');
    assert.equal(budget.held, 0);
  });

  it('takes the batch of an OpenTelemetry Collector, above what gRPC has usually', async () => {
    const before = journal.waitingEntries;
    const records = Array.from({ length: COLLECTOR_BATCH_RECORDS }, (_, i) => {
      return { timeUnixNano: String(i + 1), body: 'x'.repeat(600), attributes: {} };
    });
    const message = encodeLogsRequest(records);
    assert.ok(message.length > GRPC_MESSAGE_BYTES_MAX);
    assert.equal((await push(message)).status, GRPC_STATUS.ok);
    assert.equal(journal.waitingEntries, before + 1);
    assert.equal(budget.held, 0);
  });

  it('tells senders to come back while nothing can be kept, and when', async () => {
    const append = journal.append.bind(journal);
    try {
      for (const code of ['QUEUE_FULL', 'JOURNAL_UNWRITABLE'] as const) {
        journal.append = (_: Entry) => Promise.reject(new CollectorError(code, 'no room'));
        const answer = await push(oneRecord());
        assert.equal(answer.status, GRPC_STATUS.unavailable);
        assert.match(answer.details.toString('latin1'), /google\.rpc\.RetryInfo/);
      }
      journal.append = (_: Entry) => Promise.reject(new TypeError('a fault'));
      const fault = await push(oneRecord());
      assert.equal(fault.status, GRPC_STATUS.unavailable, 'what it has must not be dropped');
      assert.doesNotMatch(fault.message, /a fault/);
      assert.match(logged.pop() ?? '', /TypeError: a fault/);
    } finally {
      journal.append = append;
    }
  });

  it('refuses a call before its message, while too much of its sender waits', async () => {
    const { assertRoom } = journal;
    try {
      journal.assertRoom = () => {
        throw new CollectorError('QUEUE_FULL', 'too much waits', 'later');
      };
      const headers = { authorization: `Bearer ${ingest}` };
      const own = rawConnect(url);
      const stream = rawStream(own, { headers, body: Buffer.alloc(0), end: false });
      assert.equal((await rawAnswer(stream)).status, GRPC_STATUS.unavailable);
      own.destroy();
    } finally {
      journal.assertRoom = assertRoom;
    }
  });

  it('says nothing of senders that go half-way: they could fill its log', async () => {
    const said = logged.length;
    const headers = { authorization: `Bearer ${ingest}` };
    for (const body of [Buffer.from([0]), Buffer.from([0, 0, 0, 0, 9, 1])]) {
      const own = rawConnect(url);
      const answer = rawAnswer(rawStream(own, { headers, body, end: false }));
      await sleep(50);
      own.destroy();
      await answer;
    }
    await sleep(50);
    assert.equal((await push(oneRecord())).status, GRPC_STATUS.ok);
    assert.equal(logged.length, said);
    assert.equal(budget.held, 0);
  });

  it('keeps what was on its way when the deadline passed, and its memory until then', async () => {
    const append = journal.append.bind(journal);
    const gate = Promise.withResolvers<void>();
    try {
      journal.append = async (entry: Entry) => {
        await gate.promise;
        return append(entry);
      };
      const before = journal.waitingEntries;
      const message = oneRecord();
      const late = await push(message, { headers: { 'grpc-timeout': '50m' } });
      assert.equal(late.status, GRPC_STATUS.deadlineExceeded);
      assert.ok(budget.held > 0);
      gate.resolve();
      assert.equal((await push(message)).status, GRPC_STATUS.ok, 'the same request again');
      assert.equal(journal.waitingEntries, before + 1);
      assert.equal(budget.held, 0);
    } finally {
      journal.append = append;
    }
  });
});
