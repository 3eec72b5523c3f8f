/** The live tail over a real server that is cut, refuses and falls silent. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { followTail, type TailState } from './tail.ts';

const STEP_MS = 10;
const WAIT_MS_MAX = 10_000;
let server: Server;
let base = '';
let stop: () => void = () => {};
let urls: string[] = [];
let serve: (url: string, response: ServerResponse) => void = () => {};

beforeEach(async () => {
  urls = [];
  server = createServer((request, response) => {
    urls.push(request.url ?? '');
    serve(request.url ?? '', response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(() => {
  stop();
  server.close();
  server.closeAllConnections();
});

const here: typeof fetch = (url, init) => fetch(base + String(url), init);

function begin(response: ServerResponse, size: number, indexes: number[]): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(`event: ready\ndata: {"size":${size}}\n\n`);
  for (const index of indexes) {
    response.write(`event: record\nid: ${index}\ndata: {"index":${index}}\n\n`);
  }
}

interface Seen {
  indexes: number[];
  states: TailState[];
}

function follow(more: { after?: number; session?: string; kinds?: string[] } = {}): Seen {
  const seen: Seen = { indexes: [], states: [] };
  stop = followTail({
    ...more,
    onRecords: (items) => seen.indexes.push(...items.map(({ index }) => index)),
    onState: (state) => seen.states.push(state),
    fetch: here,
  });
  return seen;
}

async function until(check: () => boolean): Promise<void> {
  const deadline = Date.now() + WAIT_MS_MAX;
  while (!check()) {
    assert.ok(Date.now() < deadline, 'waited too long');
    await new Promise((resolve) => setTimeout(resolve, STEP_MS));
  }
}

describe('the live tail', () => {
  it('goes on after a cut with the index it has seen, and misses nothing', async () => {
    serve = (url, response) => {
      const after = Number(new URL(url, base).searchParams.get('after'));
      begin(response, 10, [after + 1, after + 2]);
      if (urls.length < 3) setTimeout(() => response.destroy(), STEP_MS);
    };
    const seen = follow({ after: 9, session: 's 1', kinds: ['open', 'close'] });
    await until(() => seen.indexes.length === 6);
    assert.deepEqual(seen.indexes, [10, 11, 12, 13, 14, 15]);
    assert.equal(urls[0], '/api/v1/tail?session=s+1&kind=open%2Cclose&after=9');
    assert.deepEqual(
      seen.states.map(({ state }) => state),
      ['connecting', 'live', 'lost', 'connecting', 'live', 'lost', 'connecting', 'live'],
    );
  });

  it('that was cut before anything came still knows where it stood', async () => {
    serve = (_, response) => {
      begin(response, 5, []);
      if (urls.length < 2) setTimeout(() => response.destroy(), STEP_MS);
    };
    const seen = follow();
    await until(() => seen.states.filter(({ state }) => state === 'live').length === 2);
    assert.deepEqual(urls, ['/api/v1/tail', '/api/v1/tail?after=4']);
  });

  it('says that it was refused, and does not try again', async () => {
    serve = (_, response) => {
      response.writeHead(401, { 'content-type': 'application/json' });
      response.end('{"code":"UNAUTHENTICATED","message":"no token","hint":"h"}');
    };
    const seen = follow();
    await until(() => seen.states.some(({ state }) => state === 'refused'));
    await new Promise((resolve) => setTimeout(resolve, 700));
    assert.equal(urls.length, 1);
    const last = seen.states.at(-1);
    assert.equal(last?.state === 'refused' && last.failure.code, 'UNAUTHENTICATED');
  });

  it('tries a server again that is away', async () => {
    serve = (_, response) => {
      if (urls.length < 2) response.writeHead(502).end('bad gateway');
      else begin(response, 5, [5]);
    };
    const seen = follow();
    await until(() => seen.indexes.length === 1);
    const lost = seen.states.find(({ state }) => state === 'lost');
    assert.equal(lost?.state === 'lost' && lost.failure.code, 'HTTP_502');
  });

  it('ends when it is told to, and lets go of the connection', async () => {
    let closed = false;
    serve = (_, response) => {
      response.on('close', () => {
        closed = true;
      });
      begin(response, 5, []);
    };
    const seen = follow();
    await until(() => seen.states.at(-1)?.state === 'live');
    stop();
    await until(() => closed);
    assert.equal(urls.length, 1);
    assert.equal(seen.states.at(-1)?.state, 'live');
  });
});
