/**
 * Alerts as OTLP logs to a collector of ours, and through an OpenTelemetry Collector where one is
 * named: each is a record there, with its id and its proof.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { parse } from 'yaml';
import type { DeliverableAlert } from '../../connectors/kit/contract.ts';
import { otlp } from '../../connectors/otlp/index.ts';
import { makeToken } from '../acceptance/path/api.ts';
import { select, storedRecords } from '../acceptance/path/clickhouse.ts';
import { quietPort, type RunFile, Stage } from '../acceptance/path/collector-process.ts';
import { until } from '../acceptance/path/until.ts';
import { Peer, TELEMETRY } from '../interop/otelcol/peer.ts';
import { alertsOf, type Connector, Run } from './run.ts';

/** Path of a binary made from `test/interop/otelcol/builder.yaml`. */
const PEER = process.env.VITRINE_PEER;
const STORED_MS_MAX = 30_000;
const WAYS = [
  { encoding: 'protobuf', compression: 'gzip' },
  { encoding: 'json', compression: 'none' },
];
const environment = { OTLP_TOKEN: 'vtk_canary7d2f9b4e6a1c8053' };

function connectorFor(url: string, settings: object): Connector {
  const token = { env: 'OTLP_TOKEN' };
  return otlp.configure('soc', { url, token, allow: ['loopback'], ...settings });
}

/** Records that came as OTLP, each with the text that it came as. */
async function arrivals(run: RunFile, count: number) {
  await until(`${count} records`, STORED_MS_MAX, async () => {
    const rows = await storedRecords(run, "shim = 'in' AND kind = 'other'");
    return rows.length >= count ? rows : undefined;
  });
  const rows = await storedRecords(run, "shim = 'in' AND kind = 'other'");
  const parts = await select<{ data: string }>(
    run,
    `SELECT data FROM parts WHERE log = '${run.log}' AND name = 'otlp'`,
  );
  return { rows, texts: parts.map(({ data }) => data) };
}

/** One record for each alert, with its id and its proof. */
function assertArrived(texts: string[], alerts: DeliverableAlert[]): void {
  assert.equal(texts.length, alerts.length);
  for (const { id, proof } of alerts) {
    const [own, ...others] = texts.filter((text) => text.includes(`"stringValue":"${id}"`));
    assert.deepEqual(others, []);
    assert.ok(own!.includes(JSON.stringify(proof)));
  }
}

it('a collector of ours has a record of each alert', async (t) => {
  const stage = new Stage(t);
  stage.configure(`listen: {api: 0, otlp_http: 0, otlp_grpc: 0}\n`);
  const collector = await stage.launch().ready();
  const wrong = await Run.start(t, connectorFor(collector.otlp_http, {}), alertsOf(2), {
    environment,
  });
  assert.match(await wrong.paused(), /^HTTP 401/);
  const OTLP_TOKEN = await makeToken(collector, stage.data, 'ingest');
  const alerts = alertsOf(40);
  for (const [i, way] of WAYS.entries()) {
    const half = alerts.slice(20 * i, 20 * i + 20);
    const connector = connectorFor(collector.otlp_http, way);
    const run = await Run.start(t, connector, half, { environment: { OTLP_TOKEN } });
    await run.settled();
    assert.equal(run.delivery.status().delivered, 20);
  }
  const { rows, texts } = await arrivals(collector, alerts.length);
  assert.equal(rows.length, alerts.length);
  assertArrived(texts, alerts);
  const source = { service: 'vitrine', event: 'vitrine.alert' };
  for (const { record } of rows) {
    assert.deepEqual((JSON.parse(record) as { source: object }).source, source);
  }
});

/** As the connector's page has it, without changes of place yet. */
function pageConfig() {
  const page = readFileSync(new URL('../../connectors/otlp/README.md', import.meta.url), 'utf8');
  const [, text] = /```yaml\n(receivers:\n.*?)```/s.exec(page)!;
  return parse(text!) as {
    receivers: { otlp: { protocols: { http: { endpoint: string } } } };
    exporters: { otlp_http: object };
    extensions: { 'file_storage/queue': { directory: string } };
    service: object;
  };
}

/** It takes minutes to build one: only who names one asks for this. */
if (PEER !== undefined) {
  it('an OpenTelemetry Collector takes alerts, and hands them on', async (t) => {
    const stage = new Stage(t);
    stage.configure(`listen: {api: 0, otlp_http: 0, otlp_grpc: 0}\n`);
    const collector = await stage.launch().ready();
    const token = await makeToken(collector, stage.data, 'ingest');
    const port = await quietPort();
    const dir = join(stage.dir, 'peer');
    const config = pageConfig();
    config.receivers.otlp.protocols.http.endpoint = `127.0.0.1:${port}`;
    const authorization = `Bearer ${token}`;
    const sends = { endpoint: collector.otlp_http, headers: { authorization } };
    Object.assign(config.exporters.otlp_http, sends);
    config.extensions['file_storage/queue'].directory = join(dir, 'queue');
    const service = { ...config.service, telemetry: TELEMETRY };
    const peer = await Peer.start(PEER, dir, { ...config, service });
    stage.atEnd(() => peer.end('SIGKILL'));
    const alerts = alertsOf(40);
    for (const [i, way] of WAYS.entries()) {
      const half = alerts.slice(20 * i, 20 * i + 20);
      const connector = connectorFor(`http://127.0.0.1:${port}`, way);
      const run = await Run.start(t, connector, half, { environment });
      await run.settled();
      assert.equal(run.delivery.status().delivered, 20);
    }
    const { texts } = await arrivals(collector, alerts.length);
    assertArrived(texts, alerts);
  });
}
