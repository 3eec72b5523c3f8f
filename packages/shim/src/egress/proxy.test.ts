/**
 * The proxy over real sockets: what it lets through, what it refuses, and what it tells of both.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { afterEach, before, beforeEach, describe, it } from 'node:test';
import { EGRESS_HEADER_BYTES_MAX, readPath } from '@vitrine/schema';
import { Reporter } from '../sdk/reporter.ts';
import { askPlain, askTls, connect } from '../stage/client.ts';
import { StageIntake } from '../stage/intake.ts';
import { StageProvider } from '../stage/provider.ts';
import { RunAuthority } from './certificate.ts';
import { CredentialReader, fingerprint } from './credential.ts';
import { type HostRule, parseHostRule } from './host-rule.ts';
import { EgressProxy } from './proxy.ts';
import { Upstreams } from './upstream.ts';

const KEY = randomBytes(32);
const OWN = 'own-secret-of-the-session';
const FOREIGN = 'canary-c0ffee-foreign-secret';

let intake: StageIntake;
let provider: StageProvider;
let authority: RunAuthority;
let proxy: EgressProxy;
let reporter: Reporter;
let socket: string;
const looked: string[] = [];

before(async () => {
  authority = await RunAuthority.create(Date.now());
});

beforeEach(async () => {
  intake = await new StageIntake().start();
  provider = await StageProvider.start(intake.dir, (request, response) => {
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    request.on('end', () => {
      if (request.url?.startsWith('/hang')) return;
      if (request.url?.startsWith('/streamed')) {
        response.write('a'.repeat(10));
        setTimeout(() => response.end('b'.repeat(20)), 150);
        return;
      }
      const body = JSON.stringify({ bytes, host: request.headers.host });
      response.writeHead(200, { 'content-length': body.length }).end(body);
    });
  });
  const rules: HostRule[] = [
    parseHostRule(`api.anthropic.com=127.0.0.1:${provider.port}`, provider.caFile),
    parseHostRule(`untrusted.example=127.0.0.1:${provider.port}`),
    parseHostRule('down.example=127.0.0.1:1'),
    parseHostRule('rebound.example'),
    parseHostRule('10.0.0.5'),
  ];
  const endpoint = { url: `unix://${intake.socket}`, secure: false };
  reporter = await Reporter.start({ endpoint, shim: 'egress', log: () => {} });
  proxy = new EgressProxy({
    rules,
    authority,
    credentials: new CredentialReader(KEY, [fingerprint(KEY, OWN)]),
    // The bound of the limits is for machines under load; a test need not wait for it.
    report: (event, boundMs) => reporter.add(event, Math.min(boundMs, 400)),
    upstreams: new Upstreams(async (host) => {
      looked.push(host);
      return [
        { address: '93.184.216.34', family: 4 },
        { address: '127.0.0.1', family: 4 },
      ];
    }),
  });
  socket = join(intake.dir, 'egress.sock');
  await proxy.listen(socket);
});

afterEach(async () => {
  for (const body of intake.bodies) {
    for (const secret of [FOREIGN, OWN]) assert.ok(!body.includes(secret), 'a secret was told');
  }
  await proxy.close();
  await reporter.close(0);
  await provider.end();
  await intake.end();
  looked.length = 0;
});

const ask = (path: string, more: object = {}) =>
  askTls(socket, { host: 'api.anthropic.com', ca: authority.certificate, path, ...more });
const value = (kind: string, path: string, at = 0) =>
  readPath(intake.of(kind)[at]?.fields, path) ?? null;

describe('an allowed request', () => {
  it('reaches the host and is told of with sizes, function and fingerprint', async () => {
    const answer = await ask('/v1/files?beta=1&beta=2', {
      method: 'POST',
      body: 'x'.repeat(12_345),
      headers: { 'x-api-key': FOREIGN },
    });
    assert.deepEqual(JSON.parse(answer.body.toString()), {
      bytes: 12_345,
      host: 'api.anthropic.com',
    });
    assert.equal(value('egress.tunnel', 'decision.value'), 'accept');
    const { fields } = intake.of('egress.request')[0]!;
    assert.deepEqual(fields.http, {
      auth_fp: fingerprint(KEY, FOREIGN),
      auth_provisioned: false,
      auth_scheme: 'x-api-key',
      function: 'anthropic.files.create',
      function_class: ['upload', 'persistent'],
      host: 'api.anthropic.com',
      method: 'POST',
      path: '/v1/files',
      query_keys: ['beta'],
      req_bytes: 12_345,
      resp_bytes: answer.body.length,
      sni: 'api.anthropic.com',
      status: 200,
    });
    assert.equal(value('egress.request', 'net.dst_port'), 443);
    assert.equal(value('egress.request', 'decision.rule'), 'allow api.anthropic.com:443');
    assert.equal(intake.of('egress.request').length, 1);
    assert.deepEqual(intake.of('egress.request')[0]!.parts, {});
  });

  it('is durable before the client has its answer', async () => {
    intake.delayMs = 200;
    const began = performance.now();
    const answered = ask('/v1/models').then(() => intake.of('egress.request').length);
    assert.equal(await answered, 1);
    assert.ok(performance.now() - began >= 400, 'tunnel and request each wait for the relay');
  });

  it('streams a large upload and counts it', async () => {
    const body = Buffer.alloc(50 * 1024 * 1024, 1);
    const before = process.memoryUsage().rss;
    const answer = await ask('/v1/files', { method: 'POST', body });
    assert.equal(JSON.parse(answer.body.toString()).bytes, body.length);
    assert.equal(value('egress.request', 'http.req_bytes'), body.length);
    assert.ok(process.memoryUsage().rss - before < 200 * 1024 * 1024);
  });

  it('tells at once of an upload whose answer is slow, and of the client that left', async () => {
    const waiting = ask('/hang', { method: 'POST', body: 'secret data' });
    waiting.catch(() => {});
    const told = await intake.until(({ kind }) => kind === 'egress.request');
    assert.equal(readPath(told.fields, 'http.req_bytes'), 11);
    assert.equal(readPath(told.fields, 'http.status'), undefined);
    await provider.end();
    await waiting;
    await intake.until(({ kind }) => kind === 'egress.error');
    assert.equal(intake.of('egress.request').length, 1);
  });

  it('tells the size of a streamed answer when it has ended', async () => {
    const answer = await ask('/streamed');
    assert.equal(answer.body.length, 30);
    assert.equal(value('egress.request', 'http.resp_bytes'), null);
    await intake.until(({ kind }) => kind === 'egress.response');
    assert.equal(value('egress.response', 'http.resp_bytes'), 30);
  });

  it('goes to a plain host in absolute form', async () => {
    const plain = await StageProvider.startPlain((_, response) => response.end('plain'));
    try {
      const rules = [parseHostRule(`plain.example:80=127.0.0.1:${plain.port}`)];
      const other = new EgressProxy({
        rules,
        authority,
        credentials: new CredentialReader(KEY, []),
        report: async () => {},
      });
      const path = join(intake.dir, 'other.sock');
      await other.listen(path);
      const answer = await askPlain(path, { host: 'plain.example', path: '/a' });
      assert.equal(answer.body.toString(), 'plain');
      await other.close();
    } finally {
      await plain.end();
    }
  });
});

describe('a refused request', () => {
  const refusals: [string, number, string][] = [
    ['evil.example', 443, 'not allowlisted'],
    ['api.anthropic.com', 8443, 'not allowlisted'],
    ['127.0.0.1', 443, 'address instead of a name'],
    ['169.254.169.254', 80, 'address instead of a name'],
    ['10.0.0.5', 443, 'internal address'],
    ['localhost', 443, 'not allowlisted'],
  ];
  for (const [host, port, rule] of refusals) {
    it(`says why: ${host}:${port}, ${rule}; nothing is looked up or connected`, async () => {
      const { status, body } = await connect(socket, `${host}:${port}`);
      assert.equal(status, 403);
      assert.deepEqual(Object.keys(JSON.parse(body)), ['code', 'message', 'hint']);
      assert.equal(value('egress.tunnel', 'decision.value'), 'reject');
      assert.equal(value('egress.tunnel', 'decision.rule'), rule);
      assert.equal(value('egress.tunnel', 'http.denied'), true);
      assert.deepEqual([provider.connections, looked], [0, []]);
    });
  }

  it('is one whose allowed name leads to an internal address', async () => {
    const answer = await ask('/', { host: 'rebound.example' });
    assert.equal(answer.status, 403);
    assert.deepEqual(looked, ['rebound.example']);
    assert.equal(provider.connections, 0);
    assert.equal(value('egress.request', 'decision.rule'), 'internal address');
    assert.equal(value('egress.request', 'decision.value'), 'reject');
  });

  it('is one for another host inside the tunnel, by Host or by SNI', async () => {
    const byHost = await ask('/', { headers: { host: 'evil.example' } });
    const bySni = await ask('/', { sni: 'evil.example' });
    assert.deepEqual([byHost.status, bySni.status], [403, 403]);
    assert.equal(value('egress.request', 'decision.rule', 1), 'another host inside');
    assert.equal(provider.connections, 0);
  });

  it('is plain http to a host that was allowed for https', async () => {
    const answer = await askPlain(socket, { host: 'api.anthropic.com', path: '/v1/files' });
    assert.equal(answer.status, 403);
    assert.equal(value('egress.request', 'http.denied'), true);
  });
});

describe('a failure is told of too', () => {
  it('of a destination that is down', async () => {
    const answer = await ask('/', { host: 'down.example', headers: { 'x-api-key': FOREIGN } });
    assert.equal(answer.status, 502);
    assert.equal(value('egress.error', 'reason'), 'ECONNREFUSED');
    assert.equal(value('egress.error', 'http.auth_fp'), fingerprint(KEY, FOREIGN));
  });

  it('of a destination whose certificate is not trusted', async () => {
    const answer = await ask('/', { host: 'untrusted.example', body: 'x', method: 'POST' });
    assert.equal(answer.status, 502);
    assert.match(String(value('egress.error', 'reason')), /UNABLE_TO|SELF_SIGNED/);
  });

  it('of a client that does not trust the proxy', async () => {
    await assert.rejects(askTls(socket, { host: 'api.anthropic.com' }));
    const told = await intake.until(({ kind }) => kind === 'egress.error');
    assert.match(String(told.fields.reason), /^(TLS with the client|the client left)/);
  });

  it('of a request whose headers are too large, up to which they are not', async () => {
    const room = EGRESS_HEADER_BYTES_MAX - 1_000;
    assert.equal((await ask('/', { headers: { 'x-large': 'a'.repeat(room) } })).status, 200);
    const answer = await ask('/', { headers: { 'x-large': 'a'.repeat(room + 2_000) } });
    assert.equal(answer.status, 400);
    assert.equal(value('egress.error', 'reason'), 'no HTTP: HPE_HEADER_OVERFLOW');
    assert.equal(value('egress.error', 'net.dst_host'), 'api.anthropic.com');
  });

  it('fails closed while the relay takes nothing, and tells when it is back', async () => {
    const tunnel = await connect(socket, 'api.anthropic.com:443');
    tunnel.socket.destroy();
    intake.status = 503;
    const refused = await connect(socket, 'api.anthropic.com:443');
    assert.equal(refused.status, 502);
    assert.equal(JSON.parse(refused.body).code, 'EGRESS_UNAUDITED');
    intake.status = undefined;
    await intake.until(({ fields }) => readPath(fields, 'source.seq') === 2);
  });
});

describe('credentials', () => {
  it('are found wherever they are put, the foreign one first', async () => {
    const basic = Buffer.from(`user:${FOREIGN}`).toString('base64');
    const headers = { 'x-api-key': OWN, authorization: `Basic ${basic}`, cookie: `s=${FOREIGN}` };
    await ask(`/v1/messages?key=${FOREIGN}-2&x=${FOREIGN}`, { headers });
    assert.equal(value('egress.request', 'http.auth_fp'), fingerprint(KEY, FOREIGN));
    const all = value('egress.request', 'http.credentials') as { where: string }[];
    const where = all.map((item) => item.where);
    assert.deepEqual(where.toSorted(), ['authorization', 'cookie', 'query:key', 'x-api-key']);
  });

  it('are told of in the record although one’s own come by the dozen', async () => {
    const many = Array.from({ length: 40 }, (_, i) => `token=${i}`).join('&');
    const path = `/v1/files?${`key=${OWN}&`.repeat(40)}${many}`;
    await ask(path, { method: 'POST', headers: { 'x-api-key': FOREIGN } });
    assert.equal(value('egress.request', 'http.auth_fp'), fingerprint(KEY, FOREIGN));
    assert.equal(value('egress.request', 'http.auth_provisioned'), false);
    assert.equal(value('egress.request', 'http.credentials_omitted'), 10);
  });

  it('are known when they are the session’s own', async () => {
    await ask('/v1/messages', { headers: { authorization: `Bearer ${OWN}` } });
    assert.equal(value('egress.request', 'http.auth_provisioned'), true);
    assert.equal(value('egress.request', 'http.auth_scheme'), 'bearer');
  });
});
