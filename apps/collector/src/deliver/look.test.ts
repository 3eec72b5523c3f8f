/** Looking at a connector and trying it out: what is shown, what is sent, and to whom. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type Collector, startCollector } from '../main.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'vitrine-look-'));
const SECRET = 'whsec_Y2FuYXJ5LWNhbmFyeS1jYW5hcnktY2FuYXJ5LTAx';
let collector: Collector;
let spy: Server;
/** Connections that anybody has opened to the destination of all connectors. */
let connections = 0;

before(async () => {
  spy = createServer((socket) => {
    connections++;
    socket.on('error', () => {}).destroy();
  });
  await new Promise<void>((done) => spy.listen(0, '127.0.0.1', done));
  const { port } = spy.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const secret = join(dataDir, 'secret');
  writeFileSync(secret, SECRET);
  writeFileSync(
    join(dataDir, 'vitrine.yaml'),
    `listen: {api: 0, otlp_http: 0, otlp_grpc: 0}
connectors:
  hook: {type: webhook, allow: [loopback], url: '${url}/in', secret: {file: ${secret}}}
  splunk: {type: splunk-hec, allow: [loopback], url: '${url}', token: {file: ${secret}}}
  lines: {type: syslog, allow: [loopback], host: 127.0.0.1, port: ${port}, transport: tcp}
  bus:
    type: kafka
    allow: [loopback]
    brokers: ['127.0.0.1:${port}']
    topic: alerts
    tls: false
    sasl: {mechanism: plain, username: u, password: {file: ${secret}}}
  sentinel:
    type: sentinel
    allow: [loopback]
    tenant: 00000000-0000-0000-0000-000000000001
    client_id: 00000000-0000-0000-0000-000000000002
    client_secret: {file: ${secret}}
    authority: '${url}'
    endpoint: '${url}'
    rule: dcr-00000000000000000000000000000000
  lost: {type: webhook, url: 'https://soc.example/', secret: {env: NO_SUCH_VARIABLE}}
`,
  );
  const onFatal = (error: unknown): void => assert.fail(String(error));
  collector = await startCollector({ dataDir, log: () => {}, onFatal });
});
after(async () => {
  await collector.stop();
  spy.close();
  rmSync(dataDir, { recursive: true });
});

async function call(method: string, path: string, accept = 'application/json', body?: unknown) {
  const token = readFileSync(collector.adminTokenFile, 'utf8').trim();
  const headers = { authorization: `Bearer ${token}`, accept, 'content-type': 'application/json' };
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const answer = await fetch(`${collector.api}${path}`, { method, headers, ...sent });
  return { status: answer.status, text: await answer.text() };
}

interface Shown {
  ok: boolean;
  problem: string | null;
  requests: { step: string; url: string; headers: Record<string, string>; body: string }[];
  message: { to: string; details: Record<string, string>; body: string } | null;
}

async function dryRun(name: string): Promise<Shown> {
  const { status, text } = await call('POST', `/v1/connectors/${name}/dry-run`);
  assert.equal(status, 200, text);
  for (const secret of [SECRET, SECRET.slice(6), Buffer.from(SECRET).toString('base64')]) {
    assert.ok(!text.includes(secret), text);
  }
  return JSON.parse(text);
}

describe('a dry run', () => {
  it('connects to nobody, where the test itself does', async () => {
    const names = ['hook', 'splunk', 'lines', 'bus', 'sentinel'];
    for (const name of names) assert.equal((await dryRun(name)).ok, true, name);
    assert.equal(connections, 0);
    for (const name of names) {
      const had = connections;
      const { text } = await call('POST', `/v1/connectors/${name}/test`);
      assert.equal(JSON.parse(text).ok, false, text);
      assert.ok(connections > had, `${name} never connected: ${text}`);
    }
  });

  it('shows every request, unpacked and without the secret', async () => {
    const { requests } = await dryRun('sentinel');
    assert.deepEqual(
      requests.map(({ step }) => step),
      ['token', 'send'],
    );
    assert.match(requests[0]!.body, /client_secret=(\[redacted\]|%5Bredacted%5D)/);
    assert.equal(requests[1]!.headers.authorization, 'Bearer [redacted]');
    assert.equal(requests[1]!.headers['content-encoding'], 'gzip');
    assert.equal(JSON.parse(requests[1]!.body)[0].RuleId, 'SELFTEST');
    const splunk = await dryRun('splunk');
    assert.deepEqual(
      splunk.requests.map(({ step }) => step),
      ['probe', 'send'],
    );
  });

  it('shows topic, key and headers, or the frame, of a stream', async () => {
    const bus = (await dryRun('bus')).message!;
    assert.match(bus.to, /^kafka:\/\/127\.0\.0\.1:\d+\/alerts$/);
    assert.deepEqual([bus.details.topic, bus.details.key], ['alerts', 'selftest']);
    assert.equal(bus.details['vitrine-test'], 'true');
    assert.equal(typeof JSON.parse(bus.body), 'object');
    const lines = (await dryRun('lines')).message!;
    assert.match(lines.to, /^tcp:\/\//);
    assert.match(lines.body, /^\d+ <\d+>1 /);
  });

  it('says what is missing', async () => {
    const { ok, problem } = await dryRun('lost');
    assert.equal(ok, false);
    assert.match(problem!, /^SECRET_MISSING: .*NO_SUCH_VARIABLE/);
  });
});

describe('a test', () => {
  it('tells its steps one by one, then what came of it', async () => {
    const path = '/v1/connectors/hook/test';
    const { text } = await call('POST', path, 'application/x-ndjson');
    const lines = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const { report } = lines.at(-1);
    assert.equal(report.ok, false);
    assert.equal(report.confirmed, false);
    assert.ok(report.steps.length >= 2);
    assert.deepEqual(
      lines.slice(0, -1).map(({ step }) => step),
      report.steps,
    );
  });

  it('is refused for a connector that is not there, whatever is accepted', async () => {
    for (const accept of ['application/json', 'application/x-ndjson']) {
      assert.equal((await call('POST', '/v1/connectors/none/test', accept)).status, 404);
    }
  });
});

describe('the settings of a connector', () => {
  it('are shown with their defaults, secrets as references', async () => {
    const { text } = await call('GET', '/v1/connectors/bus');
    assert.ok(!text.includes(SECRET));
    const { name, state, settings } = JSON.parse(text);
    assert.deepEqual([name, typeof state], ['bus', 'string']);
    assert.equal(settings.start, 'now');
    assert.deepEqual(settings.sasl.password, { file: join(dataDir, 'secret') });
    assert.equal((await call('GET', '/v1/connectors/none')).status, 404);
  });
});

describe('a replay', () => {
  const replay = (body: unknown) => {
    return call('POST', '/v1/connectors/hook/replay', 'application/json', body);
  };

  it('takes ids or a range of leaves, one of them', async () => {
    const wrong = [
      {},
      { range: { from: 3, to: 2 } },
      { range: { from: -1, to: 2 } },
      { range: { from: 0, to: 1.5 } },
      { range: [0, 1] },
      { range: { from: 0, to: 1 }, ids: 'all' },
      { ids: 'all', reason: ' ' },
    ];
    for (const body of wrong) assert.equal((await replay(body)).status, 400, JSON.stringify(body));
    const range = { from: 0, to: Number.MAX_SAFE_INTEGER };
    const { status, text } = await replay({ range, reason: 'the disk is back' });
    assert.deepEqual([status, JSON.parse(text)], [202, { queued: 0, missing: [] }]);
  });

  it('is in the log with who and why', async () => {
    const end = performance.now() + 10_000;
    let found: { record: { reason?: string; by: { role: string }; count: number } } | undefined;
    while (found === undefined && performance.now() < end) {
      const { items } = JSON.parse((await call('GET', '/v1/events?kind=access')).text);
      found = items.find(
        ({ record }: { record: { target: { name: string } } }) =>
          record.target.name === 'replay hook',
      );
    }
    const { reason, by, count } = found!.record;
    assert.deepEqual([reason, by.role, count], ['the disk is back', 'admin', 0]);
  });
});
