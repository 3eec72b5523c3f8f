/** What a scrape of a running collector says, after input that was taken and input that was not. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { encodeLogsRequest } from '@vitrine/schema';
import { type Collector, startCollector } from '../main.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'vitrine-metrics-'));
const SEALED_MS_MAX = 10_000;
const RECORDS = 3;
let collector: Collector;
let token = '';

before(async () => {
  const ports = 'listen: {api: 0, otlp_http: 0, otlp_grpc: 0}\n';
  writeFileSync(join(dataDir, 'vitrine.yaml'), ports);
  const onFatal = (error: unknown): void => assert.fail(String(error));
  collector = await startCollector({ dataDir, log: () => {}, onFatal });
  token = readFileSync(collector.adminTokenFile, 'utf8').trim();
});
after(async () => {
  await collector.stop();
  rmSync(dataDir, { recursive: true });
});

async function scrape(): Promise<Map<string, number>> {
  const headers = { authorization: `Bearer ${token}` };
  const answer = await fetch(`${collector.api}/metrics`, { headers });
  assert.match(answer.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/);
  const lines = (await answer.text()).split('\n').filter((line) => /^[a-z]/.test(line));
  return new Map(
    lines.map((line) => {
      const at = line.lastIndexOf(' ');
      return [line.slice(0, at), Number(line.slice(at + 1))];
    }),
  );
}

async function push(authorization: string): Promise<number> {
  const records = Array.from({ length: RECORDS }, (_, i) => ({
    eventName: 'tool.call',
    timeUnixNano: String(i),
    attributes: { 'session.id': 's' },
  }));
  const headers = { authorization, 'content-type': 'application/x-protobuf' };
  const options = { method: 'POST', headers, body: encodeLogsRequest(records) };
  return (await fetch(`${collector.otlp}/v1/logs`, options)).status;
}

describe('/metrics', () => {
  it('counts what was acknowledged, how fast, and what was refused, by code', async () => {
    const before = await scrape();
    assert.equal(await push(`Bearer ${token}`), 200);
    assert.equal(await push('Bearer of nothing'), 401);
    const now = await scrape();
    const taken = '{transport="http",signal="logs"}';
    assert.equal(now.get(`vitrine_accepted_records_total${taken}`), RECORDS);
    assert.equal(now.get(`vitrine_ack_seconds_count${taken}`), 1);
    const sum = now.get(`vitrine_ack_seconds_sum${taken}`)!;
    assert.ok(sum > 0 && sum < 10, `${sum} s`);
    const refused = 'vitrine_refused_requests_total{transport="http",code="UNAUTHENTICATED"}';
    assert.deepEqual([before.get(refused), now.get(refused)], [undefined, 1]);
  });

  it('times batches, and says how long input waited to be visible', async () => {
    const end = performance.now() + SEALED_MS_MAX;
    let seen = await scrape();
    while ((seen.get('vitrine_visible_seconds_count') ?? 0) === 0) {
      assert.ok(performance.now() < end, 'nothing was sealed');
      await sleep(20);
      seen = await scrape();
    }
    const batches = seen.get('vitrine_seal_seconds_count')!;
    assert.ok(batches >= 1);
    assert.equal(seen.get('vitrine_commit_seconds_count'), batches);
    assert.equal(seen.get('vitrine_batch_records_sum'), seen.get('vitrine_log_size'));
    assert.ok(seen.get('vitrine_visible_seconds_sum')! < SEALED_MS_MAX / 1_000);
    assert.equal(seen.get('vitrine_commit_retries_total'), 0);
    assert.equal(seen.get('vitrine_queue_entries'), 0);
    assert.ok(seen.get('process_resident_memory_bytes')! > 1e7);
  });
});
