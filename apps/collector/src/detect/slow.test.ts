/** Rules that take their time: what is pushed is acknowledged and sealed all the same. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { encodeLogsRequest } from '@vitrine/schema';
import { type Collector, startCollector } from '../main.ts';

const RULES = 400;
const REQUESTS = 6;
const RECORDS = 200;
const WAIT_MS_MAX = 120_000;

/** A keyword is looked for in every member of every record, and never found. */
function slowRule(n: number): string {
  return `title: Slow ${n}
level: low
logsource: {product: agent_sandbox, category: tool}
detection: {word: [never-${n}, nowhere-${n}], condition: word}
`;
}

async function statusOf({ api }: Collector, token: string) {
  const headers = { authorization: `Bearer ${token}` };
  const answer = await fetch(`${api}/v1/rules`, { headers });
  const { lag_rows, lag_seconds, items } = (await answer.json()) as {
    lag_rows: number;
    lag_seconds: number;
    items: unknown[];
  };
  return { rows: lag_rows, seconds: lag_seconds, rules: items.length };
}

test('slow rules lag, and it is said; intake and the log do not wait for them', async (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'vitrine-slow-'));
  t.after(() => rmSync(dataDir, { recursive: true }));
  const settings = 'listen: {api: 0, otlp_http: 0, otlp_grpc: 0}\nrules: {builtin: false}\n';
  writeFileSync(join(dataDir, 'vitrine.yaml'), settings);
  mkdirSync(join(dataDir, 'rules'));
  for (let n = 0; n < RULES; n++) {
    writeFileSync(join(dataDir, 'rules', `SLW-${n}.yml`), slowRule(n));
  }
  const onFatal = (error: unknown): void => assert.fail(String(error));
  const collector = await startCollector({ dataDir, log: () => {}, onFatal });
  t.after(() => collector.stop());
  const token = readFileSync(collector.adminTokenFile, 'utf8').trim();
  const until = async (what: () => Promise<boolean>): Promise<void> => {
    for (const end = performance.now() + WAIT_MS_MAX; !(await what()); await sleep(20)) {
      assert.ok(performance.now() < end, 'it did not happen');
    }
  };
  await until(async () => (await statusOf(collector, token)).rules === RULES);
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/x-protobuf' };
  for (let i = 0; i < REQUESTS; i++) {
    const records = Array.from({ length: RECORDS }, (_, k) => ({
      eventName: 'tool.call',
      timeUnixNano: '1',
      attributes: { 'session.id': 's', 'tool.name': `t${i} ${k}`, text: 'x'.repeat(200) },
    }));
    const request = { method: 'POST', headers, body: encodeLogsRequest(records) };
    assert.equal((await fetch(`${collector.otlp}/v1/logs`, request)).status, 200);
  }
  // All of it is in the published log while detection still has most of it before it.
  const path = `${collector.api}/v1/sessions/s/events?order=desc&limit=1`;
  await until(async () => {
    const page = await fetch(path, { headers: { authorization: `Bearer ${token}` } });
    return (
      page.status === 200 && ((await page.json()) as { size: number }).size > REQUESTS * RECORDS
    );
  });
  const behind = await statusOf(collector, token);
  assert.ok(behind.rows > RECORDS, `${behind.rows} rows behind`);
  assert.ok(behind.seconds > 0, `${behind.seconds} s behind`);
});
