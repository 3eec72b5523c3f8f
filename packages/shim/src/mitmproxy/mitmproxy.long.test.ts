/**
 * The real mitmproxy between a client and a server of the test's own, with its shim and a relay's
 * intake: what is told of each way out, and what happens when a part of it is gone.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { connect as connectHttp2, constants } from 'node:http2';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { fingerprint } from '../egress/credential.ts';
import { askOn } from '../stage/client.ts';
import { MITMPROXY_VERSION, skipWithoutMitmdump } from '../stage/mitmproxy.ts';
import { BIG_ANSWER_BYTES } from '../stage/upstream.ts';
import { at, HOST, QUIET, StageWay } from '../stage/way.ts';

const KEY = '22'.repeat(32);
const SECRET = 'canary-5f0e2d7c91b84a36';
const skip = skipWithoutMitmdump();

describe('mitmproxy, intercepting', { skip }, () => {
  const stage = new StageWay();
  before(() => stage.start(KEY, { OWN: 'own-canary-0b1c' }));
  after(() => stage.end());

  it('tells of a request, and of its credentials by fingerprint', async () => {
    const headers = { 'x-api-key': SECRET, authorization: 'Bearer own-canary-0b1c' };
    const path = '/v1/files?key=query-canary&page=2';
    const answer = await stage.ask({ method: 'POST', path, headers, body: 'hello' });
    assert.deepEqual(JSON.parse(String(answer.body)), { bytes: 5 });
    const told = await stage.request('/v1/files');
    const print = (secret: string) => fingerprint(Buffer.from(KEY, 'hex'), secret);
    const { http, net } = told.fields as Record<string, Record<string, unknown>>;
    assert.equal(http!.function, 'anthropic.files.create');
    assert.deepEqual(http!.function_class, ['upload', 'persistent']);
    assert.equal(http!.auth_fp, print(SECRET), 'a foreign one comes first');
    assert.equal(http!.auth_provisioned, false);
    const shown = (http!.credentials as Record<string, unknown>[]).map(
      ({ where, provisioned, fp }) => [where, provisioned, fp],
    );
    assert.deepEqual(shown, [
      ['x-api-key', false, print(SECRET)],
      ['query:key', false, print('query-canary')],
      ['authorization', true, print('own-canary-0b1c')],
    ]);
    assert.deepEqual(http!.query_keys, ['key', 'page']);
    assert.deepEqual([http!.host, http!.sni, http!.version], [HOST, HOST, 'HTTP/1.1']);
    assert.deepEqual([http!.status, http!.req_bytes, http!.resp_bytes], [200, 5, 11]);
    assert.equal(net!.dst_ip, '127.0.0.1');
    const [hello] = stage.intake.of('telemetry.hello');
    assert.equal(at(hello, 'versions.mitmproxy'), MITMPROXY_VERSION);
    const [tunnel] = stage.intake.of('egress.tunnel');
    assert.deepEqual([at(tunnel, 'http.host'), at(tunnel, 'net.dst_port')], [HOST, 443]);
  });

  it('looks into JSON for what makes the server fetch', async () => {
    const body = JSON.stringify({
      mcp_servers: [{ url: 'https://mcp.example/x', authorization_token: 't' }],
      tools: [{ type: 'web_fetch_20260318' }, { type: 'custom' }],
      messages: [{ content: [{ source: { type: 'url', url: 'https://drop.example/a' } }] }],
    });
    const headers = { 'content-type': 'application/json', 'anthropic-beta': 'mcp-client-2026' };
    await stage.ask({ method: 'POST', path: '/v1/messages', headers, body });
    const { fields } = await stage.request('/v1/messages');
    const http = fields.http as Record<string, string[]>;
    assert.deepEqual(http.fetch!.toSorted(), ['mcp_servers', 'source.url', 'tools.web_fetch']);
    assert.deepEqual(http.fetch_hosts!.toSorted(), ['drop.example', 'mcp.example']);
    assert.deepEqual(http.flagged_headers, ['anthropic-beta: mcp-client-2026']);
    assert.equal(http.body_unread, undefined);
    const odd = { 'content-type': 'application/json', 'content-encoding': 'br' };
    await stage.ask({ method: 'POST', path: '/odd', headers: odd, body: 'x' });
    assert.equal(at(await stage.request('/odd'), 'http.body_unread'), 'encoded');
  });

  it('tells which tokens a tool brought in, and of none that the user wrote', async () => {
    const [planted, written] = ['sk-ant-api03-planted-in-notes', 'sk-ant-api03-of-the-user'];
    const content = [{ type: 'text', text: `# notes\nuse ${planted}, please` }];
    const result = { type: 'tool_result', tool_use_id: 'toolu_01', content };
    const body = JSON.stringify({
      messages: [{ role: 'user', content: [{ type: 'text', text: written }, result] }],
    });
    const headers = { 'content-type': 'application/json' };
    await stage.ask({ method: 'POST', path: '/chat', headers, body });
    const { fields } = await stage.request('/chat');
    const print = fingerprint(Buffer.from(KEY, 'hex'), planted);
    assert.deepEqual(fields.content, { trust: 'tool', auth_fps: [print] });
  });

  it('streams what is large, and counts it', async () => {
    const body = Buffer.alloc(20_000_000);
    const answer = await stage.ask({ method: 'PUT', path: '/big', body });
    assert.equal(answer.body.length, BIG_ANSWER_BYTES);
    assert.equal(stage.upstream.bodies.at(-1)!.length, body.length);
    const told = await stage.request('/big');
    assert.equal(at(told, 'http.req_bytes'), body.length);
    assert.equal(at(told, 'http.resp_bytes'), undefined);
    assert.equal(at(await stage.response(told), 'http.resp_bytes'), BIG_ANSWER_BYTES);
  });

  it('tells of a request before an answer that began before its end', async () => {
    const tls = await stage.tls(HOST, { ca: stage.proxy.ca });
    const [first, rest] = ['{"tools":[', '{"type":"web_fetch_20260318"}]}'];
    const length = first.length + rest.length;
    tls.write(
      `POST /early HTTP/1.1\r\nhost: ${HOST}\r\nx-api-key: ${SECRET}\r\n` +
        `content-type: application/json\r\ncontent-length: ${length}\r\n\r\n${first}`,
    );
    const [head] = (await once(tls, 'data')) as [Buffer];
    assert.match(head.toString(), /^HTTP\/1\.1 200/);
    const told = await stage.request('/early');
    assert.equal(at(told, 'http.method'), 'POST');
    assert.equal(at(told, 'http.body_unread'), 'answered early');
    assert.notEqual(at(told, 'http.auth_fp'), undefined);
    tls.write(rest);
    assert.equal(at(await stage.response(told), 'http.req_bytes'), length);
    tls.destroy();
  });

  it('sees through HTTP/2', async () => {
    const tls = await stage.tls(HOST, { ca: stage.proxy.ca, alpn: 'h2' });
    const client = connectHttp2(`https://${HOST}`, { createConnection: () => tls });
    const sent = client.request({ ':method': 'GET', ':path': '/v1/models', 'x-api-key': SECRET });
    sent.setEncoding('utf8').end();
    const [headers] = (await once(sent, 'response')) as [Record<string, unknown>];
    assert.equal(headers[constants.HTTP2_HEADER_STATUS], 200);
    client.destroy();
    const told = await stage.request('/v1/models');
    assert.equal(at(told, 'http.version'), 'HTTP/2.0');
    assert.equal(at(told, 'http.function'), 'anthropic.models.list');
    assert.notEqual(at(told, 'http.auth_fp'), undefined);
  });

  it('counts the messages of a WebSocket', async () => {
    const tls = await stage.tls(HOST, { ca: stage.proxy.ca });
    const key = Buffer.alloc(16).toString('base64');
    const head = ['GET /socket HTTP/1.1', `host: ${HOST}`, 'upgrade: websocket'];
    const rest = ['connection: upgrade', 'sec-websocket-version: 13', `sec-websocket-key: ${key}`];
    tls.write(`${[...head, ...rest].join('\r\n')}\r\n\r\n`);
    const [answer] = (await once(tls, 'data')) as [Buffer];
    assert.match(String(answer), /^HTTP\/1\.1 101 /);
    // Masked with zeros: five bytes of text, RFC 6455 §5.2.
    tls.write(Buffer.from([0x81, 0x85, 0, 0, 0, 0, ...Buffer.from('hello')]));
    const told = await stage.request('/socket');
    assert.equal(at(told, 'http.status'), 101);
    const { http } = (await stage.response(told)).fields as Record<string, object>;
    const {
      websocket,
      messages,
      req_bytes: up,
      resp_bytes: down,
    } = http as Record<string, unknown>;
    assert.deepEqual([websocket, messages, up, down], [true, 2, 5, 5]);
    tls.destroy();
  });

  it('says of what it lets pass that it was not read', async () => {
    const ca = readFileSync(stage.upstream.caFile, 'utf8');
    const tls = await stage.tls(QUIET, { ca });
    await askOn(tls, { host: QUIET, path: '/secret', headers: { 'x-api-key': SECRET } });
    tls.destroy();
    const passed = (phase: string) =>
      stage.intake.until(
        (event) => at(event, 'http.sni') === QUIET && at(event, 'tunnel.phase') === phase,
      );
    const open = await passed('open');
    assert.equal(open.kind, 'egress.tunnel');
    assert.deepEqual([at(open, 'tunnel.intercepted'), at(open, 'tunnel.tls')], [false, 'passed']);
    const close = await passed('close');
    assert.ok(Number(at(close, 'net.bytes_out')) > 500);
    assert.ok(Number(at(close, 'net.bytes_in')) > 500);
  });

  it('tells of a client that does not take its certificate', async () => {
    const other = readFileSync(stage.upstream.caFile, 'utf8');
    await assert.rejects(stage.ask({ host: 'pinned.example', ca: other }));
    const failed = await stage.intake.until(
      (event) => event.kind === 'egress.error' && at(event, 'http.sni') === 'pinned.example',
    );
    assert.equal(at(failed, 'reason'), 'TLS with the client failed');
  });

  it('goes on whatever a client sends', async () => {
    const hostile = [
      Buffer.from('\xff\xfe\x00', 'latin1'),
      Buffer.from('GET /\xff\xfe\x80?\xff=1 HTTP/1.1\r\nhost: x\xff\r\n\r\n', 'latin1'),
      Buffer.from(`GET / HTTP/1.1\r\nhost: a\r\nx: ${'y'.repeat(200_000)}\r\n\r\n`),
      Buffer.from(`GET /${'z'.repeat(60_000)} HTTP/1.1\r\nhost: a\r\n\r\n`),
      Buffer.from('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\n{"a":'),
      Buffer.from(`POST /deep HTTP/1.1\r\nhost: ${HOST}\r\ncontent-type: application/json\r\n`),
    ];
    for (const bytes of hostile) {
      const tls = await stage.tls(HOST, { ca: stage.proxy.ca });
      tls.on('error', () => {});
      tls.end(bytes);
      tls.resume();
      await once(tls, 'close');
    }
    const body = '['.repeat(100_000);
    const headers = { 'content-type': 'application/json' };
    await stage.ask({ method: 'POST', path: '/deep', headers, body });
    assert.equal(at(await stage.request('/deep'), 'http.body_unread'), 'no JSON');
    const long = await stage.intake.until((event) =>
      String(at(event, 'http.path')).startsWith('/zzz'),
    );
    assert.deepEqual(at(long, 'http.cut'), ['http.path']);
  });

  it('gives no answer that it could not tell of, and tells of it later', async () => {
    // One connection is there already: its request goes out, its answer does not come in.
    const tls = await stage.tls(HOST, { ca: stage.proxy.ca });
    await stage.intake.stop();
    const [tunnel, answer] = await Promise.all([
      stage.ask({ path: '/never' }),
      askOn(tls, { host: HOST, path: '/unheard' }),
    ]);
    tls.destroy();
    for (const { status, body } of [tunnel, answer]) {
      assert.equal(status, 502);
      assert.equal(JSON.parse(String(body)).code, 'EGRESS_UNAUDITED');
    }
    await stage.intake.start();
    assert.equal((await stage.ask({ path: '/heard' })).status, 200);
    await stage.request('/heard');
    await stage.request('/unheard');
    assert.ok(!stage.intake.events.some((event) => at(event, 'http.path') === '/never'));
  });

  it('keeps no secret, wherever one looks', async () => {
    assert.equal(await stage.proxy.end(), 0, stage.proxy.said);
    const { intake, proxy } = stage;
    const kept = [...intake.bodies.map(String), proxy.said];
    for (const name of readdirSync(intake.dir, { recursive: true, withFileTypes: true })) {
      if (name.isFile()) kept.push(readFileSync(join(name.parentPath, name.name), 'latin1'));
    }
    for (const canary of [SECRET, 'own-canary', 'query-canary']) {
      assert.ok(!kept.some((text) => text.includes(canary)), canary);
    }
    const bye = intake.events.at(-1);
    assert.equal(bye?.kind, 'telemetry.bye');
    assert.equal(at(bye, 'counts.unparsed'), 0);
    assert.equal(at(bye, 'counts.dropped'), 0);
  });
});

describe('mitmproxy, hindered', { skip }, () => {
  const stage = new StageWay();
  afterEach(() => stage.end());

  it('has no fingerprint without a key, and says so', async () => {
    await stage.start(undefined);
    await stage.ask({ path: '/v1/models', headers: { 'x-api-key': SECRET } });
    const told = await stage.request('/v1/models');
    assert.equal(at(told, 'http.auth_fp'), undefined);
    assert.equal(at(told, 'http.credentials_unkeyed'), 1);
    const [drop] = stage.intake.of('telemetry.drop');
    assert.match(String(at(drop, 'reason')), /no fingerprint key/);
  });

  it('tells of its own end', async () => {
    await stage.start(KEY);
    const exited = once(stage.proxy.child, 'exit');
    process.kill(mitmdumpOf(stage.proxy.child.pid!), 'SIGKILL');
    assert.deepEqual(await exited, [1, null]);
    const reasons = stage.intake.of('telemetry.drop').map((event) => at(event, 'reason'));
    assert.deepEqual(reasons.toSorted(), [
      'mitmdump ended before the shim',
      'the addon went away without a word',
    ]);
  });
});

/** The only child of the shim. */
function mitmdumpOf(shim: number): number {
  return Number(readFileSync(`/proc/${shim}/task/${shim}/children`, 'utf8').trim());
}
