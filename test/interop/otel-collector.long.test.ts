/**
 * An OpenTelemetry Collector between a source and us, with a queue on disk, over every transport
 * and packing that its exporters have. Ours and the other are killed on the way: what it has
 * acknowledged is in our log, once.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeToken } from '../acceptance/path/api.ts';
import { storedRecords } from '../acceptance/path/clickhouse.ts';
import { quietPort, Stage } from '../acceptance/path/collector-process.ts';
import { jsonBody, PROTOBUF, protobufBody } from '../acceptance/path/otlp.ts';
import { until } from '../acceptance/path/until.ts';
import { durableQueue, Peer, TELEMETRY } from './otelcol/peer.ts';

/** Path of a binary made from `otelcol/builder.yaml`. */
const BINARY = process.env.VITRINE_PEER;
const REQUESTS = 60;
const RECORDS_PER_REQUEST = 100;
const PAUSE_MS = 20;
const AGAIN_MS = 200;
const STORED_MS_MAX = 120_000;

/** Every way its exporters send, each with a receiver of its own. */
const WAYS = {
  'grpc-gzip': { exporter: 'otlp_grpc', compression: 'gzip' },
  'grpc-zstd': { exporter: 'otlp_grpc', compression: 'zstd' },
  'grpc-none': { exporter: 'otlp_grpc', compression: 'none' },
  'http-gzip': { exporter: 'otlp_http', compression: 'gzip' },
  'http-zstd': { exporter: 'otlp_http', compression: 'zstd' },
  'http-json': { exporter: 'otlp_http', compression: 'gzip', encoding: 'json' },
};
type Way = keyof typeof WAYS;
const NAMES = Object.keys(WAYS) as Way[];

interface Ends {
  http: number;
  grpc: number;
  token: string;
}

function configOf(dir: string, ports: Map<Way, number>, { http, grpc, token }: Ends): object {
  const exporterOf = ({ exporter, ...how }: (typeof WAYS)[Way]) => ({
    ...how,
    endpoint: exporter === 'otlp_grpc' ? `127.0.0.1:${grpc}` : `http://127.0.0.1:${http}`,
    ...(exporter === 'otlp_grpc' ? { tls: { insecure: true } } : {}),
    headers: { authorization: `Bearer ${token}` },
    retry_on_failure: { initial_interval: '200ms', max_interval: '1s', max_elapsed_time: '0s' },
    sending_queue: { storage: 'file_storage/queue', block_on_overflow: true },
  });
  const each = <T>(of: (way: Way) => [string, T]) => Object.fromEntries(NAMES.map(of));
  const idOf = (way: Way): string => `${WAYS[way].exporter}/${way}`;
  const protocols = (way: Way) => ({ http: { endpoint: `127.0.0.1:${ports.get(way)}` } });
  const signals = ['logs', 'traces', 'metrics'];
  const pipelines = signals.flatMap((signal) =>
    NAMES.map((way) => [
      `${signal}/${way}`,
      { receivers: [`otlp/${way}`], exporters: [idOf(way)] },
    ]),
  );
  return {
    receivers: each((way) => [`otlp/${way}`, { protocols: protocols(way) }]),
    exporters: each((way) => [idOf(way), exporterOf(WAYS[way])]),
    extensions: { 'file_storage/queue': durableQueue(join(dir, 'queue')) },
    service: {
      extensions: ['file_storage/queue'],
      telemetry: TELEMETRY,
      pipelines: Object.fromEntries(pipelines),
    },
  };
}

/** Sends until the Collector has it; it may be away. */
async function push(port: number, path: string, type: string, body: Buffer): Promise<void> {
  for (;;) {
    try {
      const headers = { 'content-type': type };
      const options = { method: 'POST', headers, body: new Uint8Array(body) };
      const answer = await fetch(`http://127.0.0.1:${port}${path}`, options);
      await answer.arrayBuffer();
      if (answer.ok) return;
      assert.equal(answer.status, 503);
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
    }
    await sleep(AGAIN_MS);
  }
}

function timeOf(i: number): string {
  return String(BigInt(Date.now()) * 1_000_000n + BigInt(i));
}

/** Ids of what was sent; the rest of a request is told by its name. */
async function load(way: Way, port: number, ids: string[]): Promise<void> {
  for (let i = 0; i < REQUESTS; i++) {
    const events = Array.from({ length: RECORDS_PER_REQUEST }, (_, at) => {
      return { id: `${way}-${i}-${at}`, session: way, t: timeOf(at) };
    });
    const isJson = i % 2 === 1;
    const body = isJson ? jsonBody(events) : protobufBody(events);
    await push(port, '/v1/logs', isJson ? 'application/json' : PROTOBUF, body);
    ids.push(...events.map(({ id }) => id));
    await sleep(PAUSE_MS);
  }
  await push(port, '/v1/traces', 'application/json', spanOf(way));
  await push(port, '/v1/metrics', 'application/json', metricOf(way));
}

function resourceOf(way: Way) {
  return { attributes: [{ key: 'session.id', value: { stringValue: way } }] };
}

function spanOf(way: Way): Buffer {
  const ids = { traceId: '5b'.repeat(16), spanId: 'ee'.repeat(8) };
  const times = { startTimeUnixNano: timeOf(0), endTimeUnixNano: timeOf(1) };
  const spans = [{ ...ids, name: `span by ${way}`, kind: 1, ...times }];
  const resourceSpans = [{ resource: resourceOf(way), scopeSpans: [{ spans }] }];
  return Buffer.from(JSON.stringify({ resourceSpans }));
}

function metricOf(way: Way): Buffer {
  const dataPoints = [1, 2, 3].map((at) => ({ timeUnixNano: timeOf(at), asInt: String(at) }));
  const metrics = [{ name: `metric by ${way}`, gauge: { dataPoints } }];
  const resourceMetrics = [{ resource: resourceOf(way), scopeMetrics: [{ metrics }] }];
  return Buffer.from(JSON.stringify({ resourceMetrics }));
}

/** It takes minutes to build one: only who names one asks for this. */
if (BINARY !== undefined) {
  test('what an OpenTelemetry Collector acknowledged is in the log once', (t) => {
    return takesAllOnce(t, BINARY);
  });
}

async function takesAllOnce(t: TestContext, binary: string): Promise<void> {
  const stage = new Stage(t);
  const [http, grpc] = [await quietPort(), await quietPort()];
  stage.configure(`listen: {api: 0, otlp_http: ${http}, otlp_grpc: ${grpc}}\n`);
  let ours = stage.launch();
  const token = await makeToken(await ours.ready(), stage.data, 'ingest');
  const ports = new Map<Way, number>();
  for (const way of NAMES) ports.set(way, await quietPort());
  const dir = join(stage.dir, 'peer');
  const config = configOf(dir, ports, { http, grpc, token });
  let peer = await Peer.start(binary, dir, config);
  stage.atEnd(() => peer.end('SIGKILL'));

  const ids: string[] = [];
  const all = NAMES.length * REQUESTS * RECORDS_PER_REQUEST;
  const loads = Promise.all(NAMES.map((way) => load(way, ports.get(way)!, ids)));
  const at = (share: number) =>
    until(`${share} of the load`, STORED_MS_MAX, () => (ids.length > share * all ? 1 : undefined));
  await at(0.2);
  await ours.kill();
  await at(0.4);
  ours = stage.launch();
  await at(0.6);
  await peer.end('SIGKILL');
  peer = await Peer.start(binary, dir, config);
  await at(0.8);
  await ours.kill();
  await loads;
  const run = await stage.launch().ready();

  const expected = all + 2 * NAMES.length;
  const stored = await until('all is stored', STORED_MS_MAX, async () => {
    const rows = await storedRecords(run, "shim = 'in'");
    return rows.length >= expected ? rows : undefined;
  });
  // What comes twice may come late.
  await sleep(5_000);
  const rows = await storedRecords(run, "shim = 'in'");
  assert.equal(stored.length, expected);
  const found = rows.map(({ record }) => /"id":"([^"]+)"/.exec(record)?.[1]);
  assert.deepEqual(found.filter((id) => id !== undefined).sort(), ids.sort());
  for (const way of NAMES) {
    const own = rows.filter(({ session }) => session === way);
    assert.equal(own.length, REQUESTS * RECORDS_PER_REQUEST + 2, way);
    for (const what of ['span', 'metric']) {
      const named = own.filter(({ record }) => record.includes(`"${what} by ${way}"`));
      assert.equal(named.length, 1, `${what} by ${way}`);
    }
  }
  t.diagnostic(`${expected} records over ${NAMES.length} ways, 3 kills`);
}
