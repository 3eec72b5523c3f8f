import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { Client } from './client.ts';

type Handler = (request: IncomingMessage, response: ServerResponse, call: number) => void;

interface Stand {
  client: Client;
  end(): Promise<void>;
}

/** A client of a server that answers with `handle`; ended with the test. */
async function against(t: TestContext, handle: Handler): Promise<Stand> {
  let calls = 0;
  const server = createServer((request, response) => handle(request, response, calls++));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const end = async (): Promise<void> => {
    if (!server.listening) return;
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  t.after(end);
  const system = { api: `http://127.0.0.1:${port}`, token: 'vt_x', dataDir: '/data' };
  return { client: new Client(system), end };
}

function json(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

describe('requests', () => {
  it('carry the token, the escaped path and the query', async (t) => {
    let seen: IncomingMessage | undefined;
    const system = await against(t, (request, response) => {
      seen = request;
      json(response, { items: [], cursor: null, size: 0 });
    });
    await system.client.events({ session: 'a/b', kind: 'file.read', limit: 5 });
    assert.equal(seen?.headers.authorization, 'Bearer vt_x');
    assert.equal(seen?.url, '/v1/sessions/a%2Fb/events?kind=file.read&limit=5');
  });
});

describe('failures', () => {
  it("keep the system's own code, message and hint", async (t) => {
    const system = await against(t, (_request, response) => {
      json(response, { code: 'FORBIDDEN', message: 'role reader may not', hint: 'ask' }, 403);
    });
    await assert.rejects(system.client.tokens(), {
      code: 'FORBIDDEN',
      message: 'role reader may not',
      hint: 'ask',
    });
  });

  it('are named where the answer is no JSON', async (t) => {
    const system = await against(t, (_request, response, call) => {
      response.writeHead(call === 0 ? 502 : 200, { 'content-type': 'text/html' });
      response.end('<html>');
    });
    await assert.rejects(system.client.rules(), { code: 'API_FAILED', message: /status 502/ });
    await assert.rejects(system.client.rules(), { code: 'API_FAILED', message: /not JSON/ });
  });

  it('say that nobody answers, and where', async (t) => {
    const system = await against(t, () => {});
    const { client } = system;
    await system.end();
    await assert.rejects(client.rules(), {
      code: 'API_UNREACHABLE',
      message: /^http:\/\/127\.0\.0\.1:\d+ does not answer \(ECONNREFUSED\)$/,
    });
  });

  it('in the middle of a stream are no bare socket error', async (t) => {
    const system = await against(t, (_request, response) => {
      response.writeHead(200);
      response.write('{"progress":{"done":1}}\n', () => response.destroy());
    });
    const lines = all(system.client.fsck());
    await assert.rejects(lines, { code: 'API_UNREACHABLE' });
  });
});

describe('fsck', () => {
  it('reads progress lines, then the report', async (t) => {
    const system = await against(t, (_request, response) => {
      response.end('{"progress":{"done":1}}\n{"report":{"ok":true}}\n');
    });
    const lines = await all(system.client.fsck());
    assert.deepEqual(lines, [{ progress: { done: 1 } }, { report: { ok: true } }]);
  });
});

describe('fsck that cannot be finished', () => {
  it('is an error and not a report', async (t) => {
    const system = await against(t, (_request, response) => {
      response.end('{"error":{"code":"INTERNAL","message":"not finished","hint":""}}\n');
    });
    await assert.rejects(all(system.client.fsck()), { code: 'INTERNAL', message: 'not finished' });
  });
});

describe('tail', () => {
  const record = (index: number) => `event: record\nid: ${index}\ndata: {"index":${index}}\n\n`;

  it('takes a broken connection up again behind the last row it gave', async (t) => {
    const asked: (string | undefined)[] = [];
    const system = await against(t, (request, response, call) => {
      if (request.url === '/healthz') return json(response, {});
      asked.push(request.headers['last-event-id'] as string | undefined);
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(`event: ready\ndata: {"size":5}\n\n${record(call === 0 ? 5 : 6)}`, () => {
        if (call === 0) response.destroy();
      });
    });
    const seen: number[] = [];
    const controller = new AbortController();
    for await (const item of system.client.tail({ kind: 'alert' }, controller.signal)) {
      seen.push(item.index);
      if (seen.length === 2) controller.abort();
    }
    assert.deepEqual(seen, [5, 6]);
    assert.deepEqual(asked, [undefined, '5']);
  });

  it('goes on behind the size it began at when it broke before the first row', async (t) => {
    const asked: (string | undefined)[] = [];
    const system = await against(t, (request, response, call) => {
      if (request.url === '/healthz') return json(response, {});
      asked.push(request.headers['last-event-id'] as string | undefined);
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      if (call === 0) response.end('event: ready\ndata: {"size":5}\n\n');
      else response.write(record(5));
    });
    const controller = new AbortController();
    for await (const _ of system.client.tail({}, controller.signal)) controller.abort();
    assert.deepEqual(asked, [undefined, '4']);
  });

  it('ends with an error when the system is gone', async (t) => {
    const system = await against(t, (request, response) => {
      if (request.url === '/healthz') return response.destroy();
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('event: ready\ndata: {"size":0}\n\n', () => response.destroy());
    });
    const tail = all(system.client.tail({}, new AbortController().signal));
    await assert.rejects(tail, { code: 'API_UNREACHABLE' });
  });
});
