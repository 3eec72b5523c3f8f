/** The way from the page to the API, with a real server at its end. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { forward } from './forward.ts';

const PAGE = 'http://127.0.0.1:3000';
const OWN = { origin: PAGE, host: '127.0.0.1:3000' };
let server: Server;
let api = '';
let answer: (request: IncomingMessage, response: ServerResponse) => void = () => {};
let seen: IncomingMessage[] = [];

before(async () => {
  server = createServer((request, response) => {
    seen.push(request);
    answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  api = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

after(() => {
  server.close();
  server.closeAllConnections();
});

function ask(path: string, init: RequestInit = {}, answerMsMax?: number): Promise<Response> {
  seen = [];
  return forward(new Request(`${PAGE}/api${path}`, init), '/api', api, answerMsMax);
}

async function codeOf(response: Response): Promise<string> {
  return ((await response.json()) as { code: string }).code;
}

const ok = (_: IncomingMessage, response: ServerResponse): void => {
  response.writeHead(200, {
    'content-type': 'application/json',
    'set-cookie': 'evil=1',
    'x-internal': 'secret',
    'vitrine-salt': 'AA==',
  });
  response.end('{}');
};

describe('the way to the API', () => {
  it('carries the token and never a cookie, in either direction', async () => {
    answer = ok;
    const headers = {
      cookie: 'vitrine_session=vt_1_a; other=1',
      authorization: 'Bearer from-the-page',
      'x-forwarded-for': '8.8.8.8',
      accept: 'application/json',
    };
    const response = await ask('/v1/sessions?limit=5&cursor=a%2Fb', { headers });
    assert.equal(response.status, 200);
    const [request] = seen;
    assert.equal(request?.url, '/v1/sessions?limit=5&cursor=a%2Fb');
    assert.equal(request?.headers.authorization, 'Bearer vt_1_a');
    assert.equal(request?.headers.cookie, undefined);
    assert.equal(request?.headers['x-forwarded-for'], undefined);
    assert.equal(response.headers.get('set-cookie'), null);
    assert.equal(response.headers.get('x-internal'), null);
    assert.equal(response.headers.get('vitrine-salt'), 'AA==');
    assert.equal(response.headers.get('cache-control'), 'no-store');
  });

  it('sends no token of the page when there is no cookie', async () => {
    answer = ok;
    await ask('/v1/sessions', { headers: { authorization: 'Bearer from-the-page' } });
    assert.equal(seen[0]?.headers.authorization, undefined);
  });

  it('gives statuses and refusals back as they are', async () => {
    answer = (_, response) => {
      response.writeHead(404, { 'content-type': 'application/json' });
      response.end('{"code":"NOT_FOUND"}');
    };
    const response = await ask('/v1/sessions/x');
    assert.equal(response.status, 404);
    assert.equal(await codeOf(response), 'NOT_FOUND');
  });

  it('lets live events through one by one, and ends when the page does', async () => {
    let gone = false;
    answer = (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('event: ready\n\n');
      response.on('close', () => {
        gone = true;
      });
    };
    const page = new AbortController();
    const response = await ask('/v1/tail', { signal: page.signal }, 50);
    assert.match(response.headers.get('cache-control') ?? '', /no-transform/);
    const reader = response.body!.getReader();
    const first = await reader.read();
    assert.equal(Buffer.from(first.value!).toString(), 'event: ready\n\n');
    // The bound on the time to answer is not one on how long the answer may go on.
    await new Promise((resolve) => setTimeout(resolve, 120));
    assert.equal(gone, false);
    page.abort();
    await assert.rejects(reader.read());
    while (!gone) await new Promise((resolve) => setTimeout(resolve, 5));
  });

  it('keeps nothing from collecting lines that are read as they come, and only those', async () => {
    for (const [type, transformed] of [
      ['application/x-ndjson', false],
      ['application/json', true],
    ] as const) {
      answer = (_, response) => {
        response.writeHead(200, { 'content-type': type });
        response.end('{}\n');
      };
      const control = (await ask('/v1/connectors/x/test')).headers.get('cache-control') ?? '';
      assert.equal(control.includes('no-transform'), !transformed, type);
    }
  });
});

describe('what is not passed on', () => {
  it('a change that another site sends', async () => {
    answer = ok;
    for (const origin of ['http://evil.example', 'null', 'http://127.0.0.1:3001']) {
      const response = await ask('/v1/fsck', { method: 'POST', headers: { ...OWN, origin } });
      assert.equal(response.status, 403, origin);
    }
    const bare = await ask('/v1/fsck', { method: 'POST', headers: { host: OWN.host } });
    assert.equal(await codeOf(bare), 'ORIGIN_FOREIGN');
    assert.equal(seen.length, 0);
    assert.equal((await ask('/v1/fsck', { method: 'POST', headers: OWN })).status, 200);
  });

  it('a read that a page of another site or port makes with the cookie', async () => {
    answer = ok;
    const read = (site: string): Promise<Response> => {
      const headers = { cookie: 'vitrine_session=vt_1_a', 'sec-fetch-site': site };
      return ask('/v1/sessions/s/bundle', { headers });
    };
    for (const site of ['cross-site', 'same-site', 'later-invention']) {
      assert.equal(await codeOf(await read(site)), 'ORIGIN_FOREIGN', site);
      assert.equal(seen.length, 0);
    }
    // By the page itself, or typed by the reader.
    for (const site of ['same-origin', 'none']) assert.equal((await read(site)).status, 200, site);
  });

  it('other methods, and paths that are none of the API', async () => {
    answer = ok;
    for (const method of ['DELETE', 'PUT', 'PATCH']) {
      const response = await ask('/v1/tokens/a', { method, headers: OWN });
      assert.equal(response.status, 405, method);
    }
    for (const path of ['/metrics', '/v1', '/v1/', '/x/v1/sessions', '//evil.example/v1/a']) {
      assert.equal((await ask(path)).status, 404, path);
      assert.equal(seen.length, 0, path);
    }
  });

  it('whatever would show a credential to the page', async () => {
    answer = ok;
    const paths = [
      '/v1/login',
      '/v1/tokens',
      '/v1/login-codes',
      '/v1/logout',
      '/v1/%74okens',
      '/v1//tokens',
      '/v1/x/../tokens',
      '/v1/%2e%2e/v1/tokens',
      '/v1/tokens/a',
      '/v1/%zz',
    ];
    for (const path of paths) {
      for (const method of ['GET', 'POST']) {
        const response = await ask(path, { method, headers: OWN });
        assert.equal(response.status, 404, `${method} ${path}`);
        assert.equal(seen.length, 0, path);
      }
    }
  });

  it('a body beyond any the API takes', async () => {
    answer = ok;
    const init = { method: 'POST', headers: { ...OWN, 'content-type': 'application/json' } };
    const large = await ask('/v1/fsck', { ...init, body: 'x'.repeat(1_048_577) });
    assert.equal(large.status, 400);
    assert.equal(seen.length, 0);
    assert.equal((await ask('/v1/fsck', { ...init, body: 'x'.repeat(1_048_576) })).status, 200);
  });
});

describe('an API that is not there', () => {
  it('is said to be away, or slow', async () => {
    answer = () => {};
    const slow = await ask('/v1/sessions', {}, 30);
    assert.deepEqual([slow.status, await codeOf(slow)], [504, 'API_SLOW']);
    const nowhere = new Request(`${PAGE}/api/v1/sessions`);
    const away = await forward(nowhere, '/api', 'http://127.0.0.1:1');
    assert.deepEqual([away.status, await codeOf(away)], [502, 'API_AWAY']);
  });
});
