/**
 * Rules that change while the system runs, seen from outside: the API, the log, the alerts. The
 * folder is watched, and may be quicker than a request: who asked is told in rule-keeper.test.ts.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { encodeLogsRequest } from '@vitrine/schema';
import { type Collector, startCollector } from '../main.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'vitrine-reload-'));
const rulesDir = join(dataDir, 'rules');
const WAIT_MS_MAX = 20_000;
let collector: Collector;
let token = '';

async function start(): Promise<void> {
  const onFatal = (error: unknown): void => assert.fail(String(error));
  collector = await startCollector({ dataDir, log: () => {}, onFatal });
  token = readFileSync(collector.adminTokenFile, 'utf8').trim();
}

before(async () => {
  const ports = 'listen: {api: 0, otlp_http: 0, otlp_grpc: 0}\nrules: {builtin: false}\n';
  writeFileSync(join(dataDir, 'vitrine.yaml'), ports);
  mkdirSync(rulesDir);
  await start();
});
after(async () => {
  await collector.stop();
  rmSync(dataDir, { recursive: true });
});

function rule(name: string, tool: string): string {
  const text = `title: Tool ${tool}
level: high
logsource: {product: agent_sandbox, category: tool}
detection: {one: {tool.name: ${tool}}, condition: one}
`;
  writeFileSync(join(rulesDir, `${name}.yml`), text);
  return createHash('sha256').update(text).digest('hex');
}

async function ask(method: string, path: string, as = token) {
  const headers = { authorization: `Bearer ${as}`, 'content-type': 'application/json' };
  const body = method === 'POST' ? '{}' : null;
  const answer = await fetch(collector.api + path, { method, headers, body });
  return { status: answer.status, json: JSON.parse(await answer.text()) };
}

async function until<T>(what: () => Promise<T | undefined>): Promise<T> {
  const end = performance.now() + WAIT_MS_MAX;
  for (;;) {
    const found = await what();
    if (found !== undefined) return found;
    assert.ok(performance.now() < end, 'it did not happen');
    await sleep(20);
  }
}

async function configs() {
  const path = '/v1/events?kind=config&limit=100';
  const { json } = await ask('GET', path);
  return json.items.map(({ record }: { record: { subject: string } }) => record);
}

async function tool(session: string, name: string): Promise<void> {
  const attributes = { 'session.id': session, 'tool.name': name };
  const records = [{ eventName: 'tool.call', timeUnixNano: '1', attributes }];
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/x-protobuf' };
  const request = { method: 'POST', headers, body: encodeLogsRequest(records) };
  assert.equal((await fetch(`${collector.otlp}/v1/logs`, request)).status, 200);
}

async function alerted(session: string): Promise<string> {
  return until(async () => {
    const { json } = await ask('GET', `/v1/alerts?session=${session}`);
    return json.items[0]?.record.rule;
  });
}

describe('rules of a running system', () => {
  it('are taken on request; the log says which set runs, what changed and who asked', async () => {
    const first = await until(async () => (await configs())[0]);
    assert.deepEqual([first.subject, first.cause, first.count], ['rules', 'start', 0]);
    const a = rule('TST-001', 'Alpha');
    const { status, json } = await ask('POST', '/v1/rules/reload');
    const hash = createHash('sha256').update(`${a}  TST-001.yml\n`).digest('hex');
    assert.deepEqual([status, json.hash, json.count], [200, hash, 1]);
    await tool('s1', 'Alpha');
    assert.equal(await alerted('s1'), 'TST-001');
    const told = await until(async () => (await configs())[1]);
    assert.deepEqual([told.hash, told.was, told.added], [hash, first.hash, ['TST-001']]);
    assert.equal(told.by?.role, told.cause === 'request' ? 'admin' : undefined);
    const { json: shown } = await ask('GET', '/v1/rules/TST-001');
    assert.match(shown.text, /Tool Alpha/);
    assert.deepEqual([shown.alerts, shown.alerts_24h], [1, 1]);
    assert.ok(BigInt(shown.last_fired) > 0n);
  });

  it('stay as they are when one new file is bad, and the reason is said', async () => {
    const { json: earlier } = await ask('GET', '/v1/rules');
    rule('TST-002', 'Beta');
    writeFileSync(join(rulesDir, 'TST-003.yml'), 'title: no logsource\n');
    const { status, json } = await ask('POST', '/v1/rules/reload');
    assert.equal(status, 409);
    assert.equal(json.code, 'RULES_REFUSED');
    assert.match(json.message, /TST-003\.yml: RULE_INVALID: logsource is missing/);
    const { json: now } = await ask('GET', '/v1/rules');
    assert.equal(now.hash, earlier.hash);
    assert.deepEqual(
      now.items.map(({ id }: { id: string }) => id),
      ['TST-001'],
    );
    assert.deepEqual(
      now.refused.map(({ file }: { file: string }) => file),
      ['TST-003.yml'],
    );
    await tool('s2', 'Alpha');
    assert.equal(await alerted('s2'), 'TST-001');
  });

  it('follow their folder, and then nobody has asked', async () => {
    rmSync(join(rulesDir, 'TST-003.yml'));
    const told = await until(async () => (await configs())[2]);
    assert.deepEqual([told.cause, told.added], ['folder', ['TST-002']]);
    const { json } = await ask('GET', '/v1/rules');
    assert.deepEqual(json.refused, []);
  });

  it('take one out of use whose file says that it is deprecated', async () => {
    const file = join(rulesDir, 'TST-002.yml');
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, `${text}status: deprecated\n`);
    const { status, json } = await ask('POST', '/v1/rules/reload');
    assert.deepEqual([status, json.count], [200, 1]);
    const { json: now } = await ask('GET', '/v1/rules');
    assert.match(now.refused[0].reason, /its status is deprecated/);
    const told = await until(async () => (await configs())[3]);
    assert.deepEqual(told.removed, ['TST-002']);
    const again = await ask('POST', '/v1/rules/reload');
    assert.deepEqual([again.status, again.json.removed], [200, []]);
    await tool('s3', 'Alpha');
    assert.equal(await alerted('s3'), 'TST-001');
    assert.equal((await configs()).length, 4, 'nothing changed, and nothing is told');
    writeFileSync(file, text);
    assert.equal((await ask('POST', '/v1/rules/reload')).json.count, 2);
    const back = await until(async () => (await configs())[4]);
    assert.deepEqual(back.added, ['TST-002']);
  });

  it('are no business of an auditor', async () => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const body = JSON.stringify({ role: 'auditor' });
    const made = await fetch(`${collector.api}/v1/tokens`, { method: 'POST', headers, body });
    const auditor = ((await made.json()) as { token: string }).token;
    assert.equal((await ask('POST', '/v1/rules/reload', auditor)).status, 403);
    assert.equal((await ask('GET', '/v1/rules', auditor)).status, 200);
  });

  it('that changed while the system was down are named at its start', async () => {
    const before = (await configs()).length;
    await collector.stop();
    rmSync(join(rulesDir, 'TST-001.yml'));
    rule('TST-002', 'Gamma');
    await start();
    const { json } = await ask('GET', '/v1/rules');
    assert.equal(json.items.length, 1, 'rules are there once it is ready');
    const told = await until(async () => (await configs())[before]);
    assert.deepEqual([told.cause, told.count], ['start', 1]);
    assert.deepEqual([told.removed, told.changed, told.added], [['TST-001'], ['TST-002'], []]);
  });
});
