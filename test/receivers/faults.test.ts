/** Every contract server plays the same faults, in its vendor's words. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { type Answer, type Ask, ask } from './ask.ts';
import { ElasticReceiver } from './elastic.ts';
import { FalconReceiver } from './falcon.ts';
import type { Receiver } from './receiver.ts';
import { SentinelReceiver } from './sentinel.ts';
import { SplunkReceiver } from './splunk.ts';

interface Subject {
  server: Receiver;
  path: string;
  request: Ask;
  /** How many records the server has kept. */
  kept: () => number;
}

const STREAM = 'logs-vitrine.alerts-default';
const JSON_TYPE = { 'content-type': 'application/json' };

const VENDORS: Record<string, { status: number; start: () => Promise<Subject> }> = {
  splunk: {
    status: 200,
    start: async () => {
      const server = await SplunkReceiver.start({ tokens: { a: { indexes: ['main'] } } });
      const headers = { ...JSON_TYPE, authorization: 'Splunk a' };
      const request = { headers, body: '{"event":"x"}' };
      return { server, path: '/services/collector', request, kept: () => server.events.length };
    },
  },
  falcon: {
    status: 200,
    start: async () => {
      const server = await FalconReceiver.start({ key: 'a' });
      const headers = { ...JSON_TYPE, authorization: 'Bearer a' };
      const request = { headers, body: '{"event":"x"}' };
      return { server, path: '/services/collector', request, kept: () => server.events.length };
    },
  },
  sentinel: {
    status: 204,
    start: async () => {
      const app = { tenant: 't', clientId: 'c', clientSecret: 's' };
      const server = await SentinelReceiver.start({ ...app, rule: 'r', streams: { s: ['a'] } });
      const scope = 'https://monitor.azure.com/.default';
      const form = { grant_type: 'client_credentials', client_id: 'c', client_secret: 's', scope };
      const { body } = await ask(`${server.url}/t/oauth2/v2.0/token`, {
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams(form).toString(),
      });
      const { access_token } = body as { access_token: string };
      const headers = { ...JSON_TYPE, authorization: `Bearer ${access_token}` };
      const path = '/dataCollectionRules/r/streams/s?api-version=2023-01-01';
      const request = { headers, body: '[{"a":1}]' };
      return { server, path, request, kept: () => server.rows.get('s')?.length ?? 0 };
    },
  },
  elastic: {
    status: 200,
    start: async () => {
      const key = { id: 'a', secret: 'b', streams: [STREAM] };
      const server = await ElasticReceiver.start({ key });
      const authorization = `ApiKey ${Buffer.from('a:b').toString('base64')}`;
      const headers = { 'content-type': 'application/x-ndjson', authorization };
      const action = JSON.stringify({ create: { _index: STREAM } });
      const body = `${action}\n{"@timestamp":"2026-01-01T00:00:00Z"}\n`;
      const kept = () => server.documents.get(STREAM)?.length ?? 0;
      return { server, path: '/_bulk', request: { headers, body }, kept };
    },
  },
};

async function begin(t: TestContext, start: () => Promise<Subject>) {
  const subject = await start();
  const { server, path, request } = subject;
  t.after(() => server.close());
  const send = (more: Partial<Ask> = {}): Promise<Answer> =>
    ask(`${server.url}${path}`, { ...request, ...more });
  /** Waits until the server has the whole request, and gives up on the answer. */
  const giveUp = async (): Promise<void> => {
    const before = server.calls.length;
    const leaving = new AbortController();
    const sent = send({ signal: leaving.signal });
    while (server.calls.length === before) await new Promise((done) => setTimeout(done, 1));
    leaving.abort();
    await assert.rejects(sent, { name: 'AbortError' });
  };
  return { ...subject, send, giveUp };
}

for (const [name, { status, start }] of Object.entries(VENDORS)) {
  describe(`faults of the ${name} server`, () => {
    it('refuses as often as it was told to, in order, and keeps nothing of it', async (t) => {
      const { server, send, kept } = await begin(t, start);
      server.play({ kind: 'refuse', status: 429, retryAfter: '7' }, { times: 2 });
      for (const code of [401, 413, 500, 503]) server.play({ kind: 'refuse', status: code });
      server.play({ kind: 'refuse', status: 403 }, { path: '/elsewhere' });
      const got: [number, string | undefined][] = [];
      for (let i = 0; i < 6; i += 1) {
        const answer = await send();
        got.push([answer.status, answer.headers['retry-after']]);
      }
      const rest = [401, 413, 500, 503].map((code) => [code, undefined]);
      assert.deepEqual(got, [[429, '7'], [429, '7'], ...rest]);
      assert.equal(kept(), 0);
      assert.equal((await send()).status, status);
      assert.equal(kept(), 1);
      assert.equal(server.calls.filter(({ path }) => !path.endsWith('/token')).length, 7);
    });

    for (const kept of [false, true]) {
      const what = kept ? 'after' : 'without';
      it(`hangs ${what} keeping the data`, async (t) => {
        const subject = await begin(t, start);
        subject.server.play({ kind: 'hang', kept });
        await subject.giveUp();
        assert.equal(subject.kept(), kept ? 1 : 0);
        assert.equal((await subject.send()).status, status);
      });

      it(`resets ${what} keeping the data`, async (t) => {
        const subject = await begin(t, start);
        subject.server.play({ kind: 'reset', kept });
        await assert.rejects(subject.send(), { code: 'ECONNRESET' });
        assert.equal(subject.kept(), kept ? 1 : 0);
        assert.equal((await subject.send()).status, status);
      });
    }

    it('is slow', async (t) => {
      const { server, send, giveUp, kept } = await begin(t, start);
      server.play({ kind: 'slow', stepMs: 60_000 });
      await giveUp();
      assert.equal(kept(), 1);
      server.play({ kind: 'slow', stepMs: 10 });
      const begun = performance.now();
      assert.equal((await send()).status, status);
      assert.ok(performance.now() - begun > 9);
    });
  });
}

describe('faults with a number of the vendor', () => {
  it('Splunk says which of its 503 and 403 it means', async (t) => {
    const { server, send } = await begin(t, VENDORS.splunk!.start);
    for (const [status, code] of [
      [503, 23],
      [503, 9],
      [403, 1],
      [400, 7],
    ] as const) {
      server.play({ kind: 'refuse', status, code });
      assert.partialDeepStrictEqual(await send(), { status, body: { code } });
    }
  });
});
