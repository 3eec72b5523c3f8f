import assert from 'node:assert/strict';
import { webcrypto } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { verifyBundle } from '@vitrine/chain';
import { verifyBundleAsync } from '@vitrine/chain/verify';
import {
  encodeLogsRequest,
  type JsonObject,
  recordColumns,
  TAIL_FOLLOWERS_MAX,
} from '@vitrine/schema';
import { type Collector, startCollector } from './main.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'vitrine-main-'));
const WAIT_MS_MAX = 20_000;
let collector: Collector;
let token = '';

async function start(): Promise<void> {
  writeFileSync(join(dataDir, 'vitrine.yaml'), 'listen: {api: 0, otlp_http: 0, otlp_grpc: 0}\n');
  const onFatal = (error: unknown): void => assert.fail(String(error));
  collector = await startCollector({ dataDir, log: () => {}, onFatal });
  token = readFileSync(collector.adminTokenFile, 'utf8').trim();
}

before(start);
after(async () => {
  await collector.stop();
  rmSync(dataDir, { recursive: true });
});

async function get(path: string): Promise<{ status: number; text: string }> {
  const headers = { authorization: `Bearer ${token}` };
  const answer = await fetch(collector.api + path, { headers });
  return { status: answer.status, text: await answer.text() };
}

async function push(session: string, id: string): Promise<void> {
  const attributes = { 'session.id': session, 'tool.name': id };
  const body = encodeLogsRequest([{ eventName: 'tool.call', timeUnixNano: '1', attributes }]);
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/x-protobuf' };
  const answer = await fetch(`${collector.otlp}/v1/logs`, { method: 'POST', headers, body });
  assert.equal(answer.status, 200);
}

async function pushMany(session: string, count: number, chars: number): Promise<void> {
  const attributes = { 'session.id': session, 'tool.name': 'x'.repeat(chars) };
  const record = {
    eventName: 'tool.call',
    timeUnixNano: String(performance.now() | 0),
    attributes,
  };
  const body = encodeLogsRequest(Array.from({ length: count }, () => record));
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/x-protobuf' };
  await fetch(`${collector.otlp}/v1/logs`, { method: 'POST', headers, body });
}

/** The status of a request whose target no client library would send. */
async function rawStatus(target: string): Promise<number> {
  const { hostname, port } = new URL(collector.api);
  const socket = connect(Number(port), hostname);
  socket.write(`GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return Number(/^HTTP\/1\.1 (\d+)/.exec(answer.toString())?.[1]);
}

interface Page {
  items: { index: number; record: { tool: { name: string } } }[];
  size: number;
}

/** The tool names of a session, once there are `count`. */
async function names(session: string, count: number): Promise<string[]> {
  const until = performance.now() + WAIT_MS_MAX;
  for (;;) {
    const { status, text } = await get(`/v1/sessions/${session}/events?kind=tool.call`);
    const items = status === 200 ? (JSON.parse(text) as Page).items : [];
    if (items.length >= count || performance.now() > until) {
      return items.map((item) => item.record.tool.name);
    }
    await sleep(50);
  }
}

async function size(): Promise<number> {
  return (JSON.parse((await get('/v1/events?limit=1')).text) as Page).size;
}

describe('the collector', () => {
  it('shows what was acknowledged, and proves it to who trusts the key alone', async () => {
    await push('s1', 'a');
    assert.deepEqual(await names('s1', 1), ['a']);
    const bundle = await get('/v1/sessions/s1/bundle');
    const trust = readFileSync(join(dataDir, 'trust.txt'), 'utf8');
    const now = BigInt(Date.now()) * 1_000_000n;
    const bytes = Buffer.from(bundle.text);
    assert.equal(verifyBundle(bytes, trust, { now }).code, 0);
    bytes[bytes.indexOf('tool.call') + 1]! ^= 1;
    assert.notEqual(verifyBundle(bytes, trust, { now }).code, 0);
  });

  it('gives a row with what is derived from its record, and the proof of that row', async () => {
    await push('s-row', 'a');
    await names('s-row', 1);
    const page = await get('/v1/sessions/s-row/events?kind=tool.call');
    const [row] = (JSON.parse(page.text) as { items: Record<string, unknown>[] }).items;
    const { record, ...columns } = row!;
    assert.partialDeepStrictEqual(columns, recordColumns(record as JsonObject));
    const { status, text } = await get(`/v1/events/${row!.log}/${row!.index}/bundle`);
    assert.equal(status, 200, text);
    const trust = readFileSync(join(dataDir, 'trust.txt'), 'utf8');
    const verdict = await verifyBundleAsync(Buffer.from(text), trust, {}, webcrypto.subtle);
    assert.equal(verdict.code, 0);
    assert.deepEqual(
      verdict.attached.map(({ kind }) => kind),
      ['admit', 'tool.call'],
    );
  });

  it('keeps its secrets to its owner, and refuses a second one on the same data', async () => {
    for (const name of ['run.json', 'admin.token', 'tokens.json']) {
      assert.equal(statSync(join(dataDir, name)).mode & 0o777, 0o600);
    }
    const second = startCollector({ dataDir, log: () => {}, onFatal: () => {} });
    await assert.rejects(second, { code: 'DATA_LOCKED' });
  });

  it('continues the same log after a restart, and does not double a repeated request', async () => {
    await push('s1', 'b');
    await names('s1', 2);
    const before = await size();
    await collector.stop();
    await start();
    assert.equal((await size()) >= before, true);
    await push('s1', 'b');
    await push('s1', 'c');
    assert.deepEqual(await names('s1', 3), ['a', 'b', 'c']);
  });

  it('finishes a batch that was decided but not published', async () => {
    await push('s1', 'd');
    await names('s1', 4);
    const { origin } = collector.identity;
    await collector.stop();
    const notes = join(collector.identity.dir, 'note');
    const newest = readdirSync(notes).sort().at(-1)!;
    const text = readFileSync(join(notes, newest), 'utf8');
    rmSync(join(notes, newest));
    await start();
    assert.equal(collector.identity.origin, origin);
    const redone = readdirSync(notes).includes(newest);
    const again = redone ? readFileSync(join(notes, newest), 'utf8') : text;
    assert.equal(again, text, 'the second signature is the same bytes');
    assert.deepEqual(await names('s1', 4), ['a', 'b', 'c', 'd']);
  });

  it('refuses to start when its notes are behind the store', async () => {
    await collector.stop();
    const { dir } = collector.identity;
    const kept = new Map<string, Buffer>();
    for (const folder of ['note', 'intent']) {
      for (const name of readdirSync(join(dir, folder))) {
        kept.set(join(dir, folder, name), readFileSync(join(dir, folder, name)));
        rmSync(join(dir, folder, name));
      }
    }
    const starting = startCollector({ dataDir, log: () => {}, onFatal: () => {} });
    await assert.rejects(starting, { code: 'LOG_AHEAD' });
    for (const [path, bytes] of kept) writeFileSync(path, bytes);
    await start();
    assert.deepEqual(await names('s1', 4), ['a', 'b', 'c', 'd']);
  });
});

describe('a start with parts of another log', () => {
  it('is refused: another key, or no origin', async () => {
    const { dir } = collector.identity;
    await collector.stop();
    const refused = async (): Promise<void> => {
      const starting = startCollector({ dataDir, log: () => {}, onFatal: () => {} });
      await assert.rejects(starting, { code: 'LOG_KEY_MISMATCH' });
    };
    for (const path of [join(dataDir, 'keys', 'log-default.0.1.seed'), join(dir, 'origin')]) {
      const kept = readFileSync(path);
      if (path.endsWith('.seed')) writeFileSync(path, '11'.repeat(32));
      else rmSync(path);
      await refused();
      writeFileSync(path, kept);
    }
    const trust = readFileSync(join(dataDir, 'trust.txt'), 'utf8');
    await start();
    assert.equal(collector.identity.trust, trust, 'the trust file was not touched');
  });
});

describe('the live tail', () => {
  it('begins in front of the first leaf for who saw an empty log', async () => {
    for (const start of ['after=-1', 'last-event-id']) {
      const aborted = new AbortController();
      const headers: Record<string, string> = { authorization: `Bearer ${token}` };
      if (start === 'last-event-id') headers[start] = '-1';
      const url = `${collector.api}/v1/tail?${start}`;
      const answer = await fetch(url, { headers, signal: aborted.signal });
      const decoder = new TextDecoder();
      let text = '';
      for await (const chunk of answer.body!) {
        text += decoder.decode(chunk, { stream: true });
        if (text.includes('\nid: 1\n')) break;
      }
      aborted.abort();
      assert.match(text, /^event: ready\n[\s\S]*\nid: 0\n/);
    }
  });

  it('says what is wrong with the place a follower names', async () => {
    for (const place of ['-2', 'x', '1.5', '9'.repeat(17)]) {
      const headers = { authorization: `Bearer ${token}`, 'last-event-id': place };
      const answer = await fetch(`${collector.api}/v1/tail`, { headers });
      assert.equal(answer.status, 400, place);
      assert.equal(((await answer.json()) as { code: string }).code, 'BAD_REQUEST');
      assert.equal((await get(`/v1/tail?after=${place}`)).status, 400, place);
    }
    assert.equal((await get('/v1/events?order=desc&after=-1')).status, 400);
    assert.equal((await get('/v1/events?order=asc&after=-1')).status, 200);
  });

  it('has no more followers than it can serve', async () => {
    const aborted = new AbortController();
    const follow = (): Promise<Response> => {
      const headers = { authorization: `Bearer ${token}` };
      return fetch(`${collector.api}/v1/tail`, { headers, signal: aborted.signal });
    };
    // Those of the tests before are gone once the collector has seen them go.
    const none = async (): Promise<boolean> =>
      /^vitrine_followers 0$/m.test((await get('/metrics')).text);
    for (let tries = 0; !(await none()); tries++) {
      assert.ok(tries < 200, 'followers never go');
      await sleep(50);
    }
    const all: number[] = [];
    while (all.length < TAIL_FOLLOWERS_MAX) all.push((await follow()).status);
    assert.deepEqual(new Set(all), new Set([200]));
    assert.equal((await follow()).status, 503);
    aborted.abort();
  });

  it('cuts off a follower that does not read, and goes on for the others', async () => {
    const { hostname, port } = new URL(collector.api);
    const socket = connect(Number(port), hostname);
    socket.write(`GET /v1/tail HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n\r\n`);
    await once(socket, 'data');
    socket.pause();
    const ended = once(socket, 'close');
    // More than the bound of the tail and what the kernel holds for a connection.
    for (let sent = 0; sent < 60; sent++) await pushMany('s3', 200, 4_000);
    assert.equal((await names('s3', 1)).length > 0, true);
    socket.resume();
    await ended;
    assert.equal((await fetch(`${collector.api}/readyz`)).status, 200);
  });
});

describe('the API', () => {
  it('answers nobody without a token, and says what to do', async () => {
    const answer = await fetch(`${collector.api}/v1/sessions`);
    assert.equal(answer.status, 401);
    const { code, hint } = (await answer.json()) as { code: string; hint: string };
    assert.equal(code, 'UNAUTHENTICATED');
    assert.match(hint, /admin\.token/);
    assert.equal((await fetch(`${collector.api}/healthz`)).status, 200);
  });

  it('lists its routes, and refuses paths, methods and queries it does not have', async () => {
    const page = JSON.parse((await get('/v1/openapi.json')).text) as { paths: object };
    assert.equal('/v1/sessions/{session}/bundle' in page.paths, true);
    assert.equal((await get('/v1/nothing')).status, 404);
    assert.equal(await rawStatus('//'), 400);
    assert.equal((await get('/v1/sessions/none/bundle')).status, 404);
    assert.equal((await get('/v1/events?limit=0')).status, 400);
    assert.equal((await get('/v1/events?vantage=above')).status, 400);
    assert.equal((await get('/v1/events/default.0.1/99999999')).status, 404);
  });
});
