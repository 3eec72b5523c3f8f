/** What a person does to a connector of a running collector, and what a scrape says of it. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { CONNECTOR_IDS_MAX, CONNECTOR_REASON_CHARS_MAX } from '@vitrine/schema';
import { type Collector, startCollector } from '../main.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'vitrine-control-'));
const SECRET = 'whsec_Y2FuYXJ5LWNhbmFyeS1jYW5hcnktY2FuYXJ5LTAx';
let collector: Collector;

async function start(): Promise<void> {
  const onFatal = (error: unknown): void => assert.fail(String(error));
  collector = await startCollector({ dataDir, log: () => {}, onFatal });
}

before(async () => {
  writeFileSync(join(dataDir, 'secret'), SECRET);
  writeFileSync(
    join(dataDir, 'vitrine.yaml'),
    `listen: {api: 0, otlp_http: 0, otlp_grpc: 0}
connectors:
  soc:
    type: webhook
    url: http://127.0.0.1:9/
    allow: [loopback]
    secret: {file: ${join(dataDir, 'secret')}}
`,
  );
  await start();
});
after(async () => {
  await collector.stop();
  rmSync(dataDir, { recursive: true });
});

async function call(method: string, path: string, body?: unknown) {
  const token = readFileSync(collector.adminTokenFile, 'utf8').trim();
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const answer = await fetch(`${collector.api}${path}`, { method, headers, ...sent });
  return { status: answer.status, text: await answer.text() };
}

const state = async (): Promise<unknown[]> => {
  const { items } = JSON.parse((await call('GET', '/v1/connectors')).text);
  const [{ state, pausedBy, pausedReason }] = items;
  return [state, pausedBy, pausedReason];
};

describe('a connector in the hands of a person', () => {
  it('pauses with a reason, over a restart, until it is resumed', async () => {
    assert.deepEqual(await state(), ['running', null, null]);
    const { status } = await call('POST', '/v1/connectors/soc/pause', { reason: 'maintenance' });
    assert.equal(status, 200);
    assert.deepEqual(await state(), ['paused', 'person', 'maintenance']);
    await collector.stop();
    await start();
    assert.deepEqual(await state(), ['paused', 'person', 'maintenance']);
    await call('POST', '/v1/connectors/soc/resume');
    assert.equal((await state())[1], null);
    await collector.stop();
    await start();
    assert.equal((await state())[1], null);
  });

  it('is not paused, and drops nothing, without a reason of a sensible length', async () => {
    const long = 'x'.repeat(CONNECTOR_REASON_CHARS_MAX + 1);
    // A record cannot hold half a character: it would say neither why, nor who it was.
    for (const reason of [undefined, '', '  ', 7, long, 'x\ud800']) {
      for (const [path, body] of [
        ['pause', { reason }],
        ['drop', { reason, ids: 'all' }],
      ] as const) {
        const { status } = await call('POST', `/v1/connectors/soc/${path}`, body);
        assert.equal(status, 400, path);
      }
    }
    const reason = 'x'.repeat(CONNECTOR_REASON_CHARS_MAX);
    const dropped = await call('POST', '/v1/connectors/soc/drop', { reason, ids: ['alr_none'] });
    assert.deepEqual(JSON.parse(dropped.text), { dropped: 0, missing: ['alr_none'] });
  });

  it('is named as many dead letters as a request may, and whatever they are called', async () => {
    const replayOf = async (count: number): Promise<number> => {
      const ids = Array.from({ length: count }, (_, i) => `\ud800${'x'.repeat(200)}${i}`);
      return (await call('POST', '/v1/connectors/soc/replay', { ids })).status;
    };
    assert.equal(await replayOf(CONNECTOR_IDS_MAX + 1), 400);
    assert.equal(await replayOf(CONNECTOR_IDS_MAX), 202);
  });

  it('says each of it in the log, with the reason', async () => {
    const targets = ['pause soc', 'resume soc', 'drop soc', 'replay soc'];
    const seen = async (): Promise<string> => (await call('GET', '/v1/events?kind=access')).text;
    const end = performance.now() + 10_000;
    let text = '';
    while (!targets.every((target) => text.includes(target)) && performance.now() < end) {
      text = await seen();
    }
    for (const target of [...targets, 'maintenance']) assert.ok(text.includes(target), target);
  });

  it('shows what a test would send, without the secret', async () => {
    const { status, text } = await call('POST', '/v1/connectors/soc/dry-run');
    assert.equal(status, 200);
    const { ok, requests } = JSON.parse(text);
    const [{ step, method, url, body }] = requests;
    assert.deepEqual([ok, requests.length, step, method], [true, 1, 'send', 'POST']);
    assert.equal(url, 'http://127.0.0.1:9/');
    assert.equal(JSON.parse(body).data.rule, 'SELFTEST');
    assert.ok(!text.includes(SECRET) && !text.includes(SECRET.slice(6)));
  });

  it('is in the metrics by name and type alone', async () => {
    const { text } = await call('GET', '/metrics');
    const lines = text.split('\n').filter((line) => line.startsWith('vitrine_delivery_'));
    assert.ok(lines.length >= 14);
    for (const line of lines) {
      assert.match(line, /\{connector="soc",type="webhook"(,class="[a-z]+")?\} \d/);
    }
    const names = ['lag_alerts', 'lag_seconds', 'sent_total', 'retries_total', 'breaker_open'];
    for (const name of [...names, 'last_success_timestamp_seconds', 'failed_total', 'paused']) {
      assert.ok(text.includes(`vitrine_delivery_${name}{`), name);
    }
  });
});
