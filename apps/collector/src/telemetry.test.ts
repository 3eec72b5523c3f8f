/**
 * A collector that is told where to, and one that is not: what arrives at an OTLP/HTTP endpoint.
 */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { decodeExport, encodeLogsRequest, type OtlpMessage } from '@vitrine/schema';
import { startCollector } from './main.ts';

const SEALED_MS = 500;
const dir = mkdtempSync(join(tmpdir(), 'vitrine-traces-'));
const spans: OtlpMessage[] = [];
let server: Server;
let endpoint = '';

before(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const exported = decodeExport('traces', 'protobuf', Buffer.concat(chunks));
      for (const { items } of exported.groups) spans.push(...(items as OtlpMessage[]));
      response.end();
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(() => {
  server.close();
  rmSync(dir, { recursive: true });
});

/** Starts, takes one request, ends: what is left to send is sent then. */
async function live(name: string, settings: string): Promise<void> {
  const dataDir = join(dir, name);
  const ports = 'listen: {api: 0, otlp_http: 0, otlp_grpc: 0}\n';
  mkdirSync(dataDir);
  writeFileSync(join(dataDir, 'vitrine.yaml'), ports + settings);
  const onFatal = (error: unknown): void => assert.fail(String(error));
  const collector = await startCollector({ dataDir, log: () => {}, onFatal });
  const token = readFileSync(collector.adminTokenFile, 'utf8').trim();
  const type = { 'content-type': 'application/x-protobuf' };
  const body = encodeLogsRequest([
    { eventName: 'tool.call', timeUnixNano: '1', attributes: { 'session.id': 's' } },
  ]);
  const headers = { authorization: `Bearer ${token}`, ...type };
  const answer = await fetch(`${collector.otlp}/v1/logs`, { method: 'POST', headers, body });
  assert.equal(answer.status, 200);
  await sleep(SEALED_MS);
  await collector.stop();
}

describe('traces of the collector', () => {
  it('are none where no endpoint is configured', async () => {
    await live('without', '');
    assert.deepEqual(spans, []);
  });

  it('tell of acknowledgements and batches, with what a batch was spent on', async () => {
    await live('with', `traces: {endpoint: "${endpoint}"}\n`);
    const named = (name: string): OtlpMessage[] => spans.filter((span) => span.name === name);
    assert.equal(named('acknowledge').length, 1);
    assert.ok(named('batch').length >= 1);
    const [batch] = named('batch');
    for (const name of ['seal', 'commit']) {
      const part = named(name).find((span) => span.parentSpanId === batch!.spanId);
      assert.equal(part?.traceId, batch!.traceId, name);
      assert.ok(
        BigInt(String(part!.startTimeUnixNano)) >= BigInt(String(batch!.startTimeUnixNano)),
      );
      assert.ok(BigInt(String(part!.endTimeUnixNano)) <= BigInt(String(batch!.endTimeUnixNano)));
    }
  });

  it('end with the collector although nobody takes them', async () => {
    server.close();
    server.closeAllConnections();
    const started = performance.now();
    await live('away', `traces: {endpoint: "${endpoint}"}\n`);
    assert.ok(performance.now() - started < 20_000);
  });
});
