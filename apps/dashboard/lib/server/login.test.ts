/** The login of a browser, with a real server in the place of the API. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { beginSession, endSession } from './login.ts';

const PAGE = 'http://127.0.0.1:3000';
const NOW_MS = Date.parse('2026-01-01T00:00:00Z');
const TOKEN = 'vt_00000001_secret';
let server: Server;
let api = '';
let asked: { path: string; authorization: string; body: string }[] = [];

before(async () => {
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const { url: path = '', headers } = request;
    asked.push({ path, authorization: headers.authorization ?? '', body });
    const known = body === '{"code":"right"}';
    response.writeHead(known ? 200 : 401, { 'content-type': 'application/json' });
    const granted = { token: TOKEN, role: 'admin', expires: '2026-01-01T12:00:00Z' };
    response.end(JSON.stringify(known ? granted : { code: 'LOGIN_CODE_USED', hint: 'h' }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  api = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

after(() => {
  server.close();
  server.closeAllConnections();
});

function post(path: string, body: string, headers: Record<string, string> = {}): Request {
  asked = [];
  const own = { origin: PAGE, host: '127.0.0.1:3000' };
  return new Request(PAGE + path, { method: 'POST', headers: { ...own, ...headers }, body });
}

const begin = (body: string, headers?: Record<string, string>): Promise<Response> =>
  beginSession(post('/login/session', body, headers), api, NOW_MS);

describe('a login', () => {
  it('puts the token into the cookie and nowhere else', async () => {
    const response = await begin('{"code":"right"}');
    assert.equal(response.status, 200);
    const [cookie = '', role = ''] = response.headers.getSetCookie();
    assert.match(cookie, /^vitrine_session=vt_00000001_secret; Path=\/; HttpOnly; SameSite=Strict/);
    assert.match(cookie, /Max-Age=43200$/);
    assert.match(role, /^vitrine_role=admin; Path=\/; HttpOnly; SameSite=Strict; Max-Age=43200$/);
    assert.equal((await response.text()).includes('secret'), false);
  });

  it('by https keeps the cookie to https', async () => {
    const headers = { origin: 'https://audit.example', host: 'audit.example' };
    const response = await begin('{"code":"right"}', headers);
    assert.match(response.headers.get('set-cookie') ?? '', /; Secure$/);
  });

  it('hands on what the API says of a used code, without a cookie', async () => {
    const response = await begin('{"code":"used"}');
    assert.equal(response.status, 401);
    assert.equal(((await response.json()) as { code: string }).code, 'LOGIN_CODE_USED');
    assert.equal(response.headers.get('set-cookie'), null);
  });

  it('of another site never reaches the API: nobody is signed in as somebody else', async () => {
    const response = await begin('{"code":"right"}', { origin: 'http://evil.example' });
    assert.equal(response.status, 403);
    assert.equal(asked.length, 0);
  });

  it('without a code is refused before the API is asked', async () => {
    for (const body of ['', '{}', '{"code":7}', 'null', `{"code":"${'x'.repeat(1_024)}"}`]) {
      assert.equal((await begin(body)).status, 400, body.slice(0, 20));
    }
    assert.equal(asked.length, 0);
  });

  it('says that the API is away', async () => {
    const request = post('/login/session', '{"code":"right"}');
    const response = await beginSession(request, 'http://127.0.0.1:1', NOW_MS);
    assert.equal(response.status, 502);
  });
});

describe('a logout', () => {
  it('ends the token and clears the cookie', async () => {
    const cookie = `vitrine_session=${TOKEN}`;
    const response = await endSession(post('/login/end', '', { cookie }), api);
    assert.equal(response.status, 204);
    const [cleared = '', role = ''] = response.headers.getSetCookie();
    assert.match(cleared, /^vitrine_session=; .*Max-Age=0/);
    assert.match(role, /^vitrine_role=; .*Max-Age=0/);
    const sent = { path: '/v1/logout', authorization: `Bearer ${TOKEN}`, body: '' };
    assert.deepEqual(asked, [sent]);
  });

  it('clears the cookie even if the API is away, and not for another site', async () => {
    const cookie = `vitrine_session=${TOKEN}`;
    const away = await endSession(post('/login/end', '', { cookie }), 'http://127.0.0.1:1');
    assert.match(away.headers.get('set-cookie') ?? '', /Max-Age=0/);
    const foreign = { cookie, origin: 'http://evil.example' };
    const refused = await endSession(post('/login/end', '', foreign), api);
    assert.equal(refused.status, 403);
    assert.equal(refused.headers.get('set-cookie'), null);
  });
});
