import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import {
  encodeLogsRequest,
  OTLP_BODIES_BYTES_MAX,
  OTLP_BODY_BYTES_MAX,
  OTLP_REFUSED_BYTES_MAX,
  OTLP_UNPACKED_RATIO_MAX,
} from '@vitrine/schema';
import { Budget } from '@vitrine/schema/receive';
import { Tokens } from '../access/tokens.ts';
import { Repeats } from '../admit/repeats.ts';
import { CollectorError } from '../error.ts';
import { Figures } from '../metrics/figures.ts';
import type { Entry } from '../queue/entry.ts';
import { Journal } from '../queue/journal.ts';
import { hostClock } from '../sequence/sequencer.ts';
import { otlpServer } from './otlp-http.ts';

const dir = mkdtempSync(join(tmpdir(), 'vitrine-receive-'));
const journal = new Journal({ dir: join(dir, 'journal'), fsync: true, log: () => {} });
const tokens = new Tokens(dir);
const now = new Date();
const ingest = tokens.create('ingest', 'default', '', now, null);
const reader = tokens.create('reader', 'default', '', now, null);
const clock = hostClock(() => 1_764_000_000_000);
const budget = new Budget(OTLP_BODIES_BYTES_MAX);
const repeats = new Repeats();
const figures = new Figures();
const target = { journal, tokens, tenant: 'default', repeats, figures, clock, budget };
const server = otlpServer({ ...target, log: () => {} });
const one = encodeLogsRequest([
  { timeUnixNano: '1', body: 'x', attributes: { 'session.id': 's' } },
]);
const PROTOBUF = 'application/x-protobuf';
let url = '';

before(async () => {
  journal.open(0, () => {});
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(async () => {
  server.closeAllConnections();
  server.close();
  await journal.close();
  rmSync(dir, { recursive: true });
});

function post(body: Uint8Array | string, headers: Record<string, string> = {}, path = '/v1/logs') {
  const given = { authorization: `Bearer ${ingest}`, 'content-type': PROTOBUF, ...headers };
  return fetch(url + path, {
    method: 'POST',
    headers: given,
    body: body as NonNullable<RequestInit['body']>,
  });
}

/**
 * Writes the whole body before it looks for an answer, as exporters do; chunked without a length.
 */
function statusOf(headers: Record<string, string>, body: Buffer): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const given = { authorization: `Bearer ${ingest}`, 'content-type': PROTOBUF, ...headers };
    const sent = request(`${url}/v1/logs`, { method: 'POST', headers: given, agent: false });
    let answered: IncomingMessage | undefined;
    sent.on('error', reject);
    sent.on('response', (response) => {
      answered = response.resume();
    });
    sent.on('close', () => resolve(answered?.statusCode));
    sent.end(body);
  });
}

describe('OTLP over HTTP', () => {
  it('answers 200 in the type of the request once it is in the queue', async () => {
    const before = journal.waitingEntries;
    const answer = await post(one);
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('content-type'), PROTOBUF);
    assert.equal((await answer.arrayBuffer()).byteLength, 0, 'no partial success');
    assert.equal(journal.waitingEntries, before + 1);
    const json = await post('{"resourceLogs":[]}', { 'content-type': 'application/json' });
    assert.equal(await json.text(), '{}');
    assert.equal(journal.waitingEntries, before + 1, 'an empty request is no entry');
  });

  it('takes a repeat without keeping it twice', async () => {
    const body = encodeLogsRequest([{ timeUnixNano: '2', body: 'y', attributes: {} }]);
    const before = journal.waitingEntries;
    const answers = await Promise.all([
      post(body),
      post(body),
      post(gzipSync(body), { 'content-encoding': 'gzip' }),
      post(zstdCompressSync(body), { 'content-encoding': 'zstd' }),
      post(gzipSync(body), { 'content-encoding': 'GZIP' }),
      post(gzipSync(body), { 'content-encoding': 'x-gzip' }),
      post(body, { 'content-encoding': '' }),
    ]);
    assert.ok(answers.every(({ status }) => status === 200));
    assert.equal(journal.waitingEntries, before + 1);
  });

  it('refuses with the status, the code and what to do', async () => {
    const cases: [Promise<Response>, number, RegExp][] = [
      [post(one, { authorization: '' }), 401, /UNAUTHENTICATED/],
      [post(one, { authorization: `Bearer ${reader}` }), 403, /FORBIDDEN/],
      [post(one, { 'content-type': 'text/plain' }), 415, /UNSUPPORTED_TYPE/],
      [post(Buffer.from([255, 255, 255])), 400, /OTLP_MALFORMED/],
      [post('{', { 'content-type': 'application/json' }), 400, /OTLP_MALFORMED/],
      [post(one, { 'content-encoding': 'gzip' }), 400, /OTLP_MALFORMED/],
      [post(one, { 'content-encoding': 'br' }), 400, /OTLP_MALFORMED/],
      [post(one, {}, '/v1/profiles'), 404, /NOT_FOUND/],
    ];
    const before = journal.waitingEntries;
    for (const [asked, status, text] of cases) {
      const answer = await asked;
      assert.equal(answer.status, status);
      assert.match(Buffer.from(await answer.arrayBuffer()).toString(), text);
    }
    const other = await fetch(`${url}/v1/logs`);
    assert.deepEqual([other.status, other.headers.get('allow')], [405, 'POST']);
    const unknown = await post(one, { authorization: 'Bearer no' });
    assert.equal(unknown.headers.get('www-authenticate'), 'Bearer');
    assert.equal(journal.waitingEntries, before, 'nothing of it was kept');
  });

  it('bounds a body on the wire, after decompression and by their ratio', async () => {
    const zeros = gzipSync(Buffer.alloc(OTLP_BODY_BYTES_MAX + 1));
    assert.equal((await post(zeros, { 'content-encoding': 'gzip' })).status, 413);
    const text = JSON.stringify({ resourceLogs: [], pad: 'x'.repeat(200_000) });
    const packed = gzipSync(text);
    assert.equal(text.length / packed.length > OTLP_UNPACKED_RATIO_MAX, true);
    const json = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
    assert.equal((await post(packed, json)).status, 413);
  });

  it('is heard by a sender that has not finished writing', async () => {
    const large = Buffer.alloc(OTLP_BODY_BYTES_MAX + 1);
    for (const headers of [{ 'content-length': String(large.length) }, {}]) {
      assert.equal(await statusOf(headers, large), 413);
    }
    assert.equal(await statusOf({ authorization: 'Bearer no' }, large), 401);
    const beyond = statusOf({}, Buffer.alloc(2 * OTLP_REFUSED_BYTES_MAX));
    await assert.rejects(beyond, { code: /^(EPIPE|ECONNRESET)$/ });
  });

  it('tells senders to come back while nothing can be kept', async () => {
    const append = journal.append.bind(journal);
    try {
      for (const [code, status] of [
        ['QUEUE_FULL', 429],
        ['JOURNAL_UNWRITABLE', 503],
      ] as const) {
        journal.append = (_: Entry) => Promise.reject(new CollectorError(code, 'no room'));
        const answer = await post(
          encodeLogsRequest([{ timeUnixNano: String(status), attributes: {} }]),
        );
        assert.equal(answer.status, status);
        assert.equal(answer.headers.get('retry-after'), '1');
      }
      // A fault of ours: with 500 the sender would have to drop what it has.
      journal.append = (_: Entry) => Promise.reject(new TypeError('a fault'));
      const answer = await post(encodeLogsRequest([{ timeUnixNano: '3', attributes: {} }]));
      assert.deepEqual([answer.status, answer.headers.get('retry-after')], [503, '1']);
      assert.match(await answer.text(), /INTERNAL/);
    } finally {
      journal.append = append;
    }
  });
});
