import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it, type TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type Answer, ask } from './ask.ts';
import { type SplunkOptions, SplunkReceiver } from './splunk.ts';

const TOKENS = {
  plain: { indexes: ['sec', 'main'] },
  off: { indexes: ['sec'], disabled: true },
  acked: { indexes: ['sec'], ack: true },
};
const CHANNEL = 'fe0ecfad-13d5-401b-847d-77833bd77131';
const HEADERS = { authorization: 'Splunk plain', 'content-type': 'application/json' };
/** As "Format events for HTTP Event Collector" has it. */
const EVENT = {
  time: 1_426_279_439.123,
  host: 'localhost',
  source: 'datasource',
  sourcetype: 'txt',
  index: 'main',
  event: { hello: 'world' },
  fields: { severity: 'high', tags: ['a', 'b'] },
};

async function start(
  t: TestContext,
  options: Partial<SplunkOptions> = {},
): Promise<SplunkReceiver> {
  const splunk = await SplunkReceiver.start({ tokens: TOKENS, ...options });
  t.after(() => splunk.close());
  return splunk;
}

function send(
  { url }: SplunkReceiver,
  body: string,
  headers: Record<string, string> = HEADERS,
  path = '/services/collector/event',
): Promise<Answer> {
  return ask(`${url}${path}`, { headers, body });
}

describe('what the Splunk server takes', () => {
  it('takes events one after another, in order, with or without space between them', async (t) => {
    const splunk = await start(t);
    const second = { event: 'a } in a text, and a \\" too' };
    const body = `${JSON.stringify(EVENT)}${JSON.stringify(second)}\n{"event":[1,{"a":2}]}\n`;
    assert.deepEqual((await send(splunk, body)).body, { text: 'Success', code: 0 });
    assert.deepEqual(splunk.events, [
      { token: 'plain', index: 'main', envelope: EVENT },
      { token: 'plain', index: 'sec', envelope: second },
      { token: 'plain', index: 'sec', envelope: { event: [1, { a: 2 }] } },
    ]);
  });

  it('indexes a repeat again', async (t) => {
    const splunk = await start(t);
    for (let i = 0; i < 2; i += 1) await send(splunk, JSON.stringify(EVENT));
    assert.equal(splunk.events.length, 2);
  });

  it('takes gzip, and raw lines with a channel', async (t) => {
    const splunk = await start(t);
    const headers = { ...HEADERS, 'content-encoding': 'gzip' };
    const body = gzipSync(JSON.stringify(EVENT));
    assert.equal((await ask(`${splunk.url}/services/collector`, { headers, body })).status, 200);
    const raw = `/services/collector/raw?channel=${CHANNEL}`;
    assert.equal((await send(splunk, 'one\ntwo\n', HEADERS, raw)).status, 200);
    assert.deepEqual(
      splunk.events.map(({ envelope }) => envelope.event),
      [EVENT.event, 'one', 'two'],
    );
  });

  it('tells its health', async (t) => {
    const splunk = await start(t);
    const health = `${splunk.url}/services/collector/health`;
    assert.equal((await ask(health, { method: 'GET' })).status, 200);
    splunk.healthy = false;
    const { status, body } = await ask(health, { method: 'GET' });
    assert.deepEqual([status, (body as { code: number }).code], [503, 18]);
  });
});

describe('what the Splunk server refuses', () => {
  let splunk: SplunkReceiver;
  before(async () => {
    splunk = await SplunkReceiver.start({ tokens: TOKENS, bodyBytesMax: 1_000 });
  });
  after(() => splunk.close());

  const good = JSON.stringify(EVENT);
  const event = (change: object): string => JSON.stringify({ ...EVENT, ...change });
  const json = { 'content-type': 'application/json' };
  const cases: [string, string, Record<string, string>, number, object | undefined][] = [
    ['no token', good, json, 401, { code: 2 }],
    ['another scheme', good, { ...HEADERS, authorization: 'Bearer plain' }, 401, { code: 3 }],
    ['no scheme', good, { ...HEADERS, authorization: 'plain' }, 401, { code: 3 }],
    ['a wrong token', good, { ...HEADERS, authorization: 'Splunk x' }, 403, { code: 4 }],
    ['a disabled token', good, { ...HEADERS, authorization: 'Splunk off' }, 403, { code: 1 }],
    ['no channel', good, { ...HEADERS, authorization: 'Splunk acked' }, 400, { code: 10 }],
    ['a bad channel', good, { ...HEADERS, 'x-splunk-request-channel': '7' }, 400, { code: 11 }],
    ['no content type', good, { authorization: 'Splunk plain' }, 415, undefined],
    ['another content type', good, { ...HEADERS, 'content-type': 'text/plain' }, 415, undefined],
    ['another encoding', good, { ...HEADERS, 'content-encoding': 'br' }, 415, undefined],
    ['what is no gzip', good, { ...HEADERS, 'content-encoding': 'gzip' }, 400, { code: 6 }],
    ['an oversize body', event({ event: 'x'.repeat(1_000) }), HEADERS, 413, undefined],
    ['no data', ' \n', HEADERS, 400, { code: 5 }],
    ['an array', `[${good}]`, HEADERS, 400, { code: 6, 'invalid-event-number': 0 }],
    ['after one, a comma', `${good},${good}`, HEADERS, 400, { code: 6, 'invalid-event-number': 1 }],
    [
      'after one, half an event',
      `${good}${good.slice(0, -9)}`,
      HEADERS,
      400,
      { 'invalid-event-number': 1 },
    ],
    ['no event', '{"time":1}', HEADERS, 400, { code: 12, 'invalid-event-number': 0 }],
    ['a blank event', event({ event: '' }), HEADERS, 400, { code: 13 }],
    ['another index', event({ index: 'x' }), HEADERS, 400, { code: 7, 'invalid-event-number': 1 }],
    ['what is no JSON', '{"event":x}', HEADERS, 400, { code: 6, 'invalid-event-number': 0 }],
    ['milliseconds', event({ time: 1_426_279_439_123 }), HEADERS, 400, { code: 6 }],
    ['time as a text', event({ time: '1426279439' }), HEADERS, 400, { code: 6 }],
    ['an unknown member', event({ sourceType: 'txt' }), HEADERS, 400, { code: 6 }],
    ['nested fields', event({ fields: { a: { b: 'c' } } }), HEADERS, 400, { code: 15 }],
    ['fields as a list', event({ fields: ['a'] }), HEADERS, 400, { code: 6 }],
  ];
  for (const [name, body, headers, status, answer] of cases) {
    it(name, async () => {
      const got = await send(splunk, body, headers);
      assert.equal(got.status, status);
      if (answer === undefined) assert.match(String(got.body), /^<!doctype html>/);
      else assert.partialDeepStrictEqual(got.body, answer);
      // What stands before the mistake is indexed.
      assert.equal(splunk.events.splice(0).length, name.startsWith('after one') ? 1 : 0);
    });
  }

  it('a token in the query, and other addresses and methods', async () => {
    const query = (token: string) => `/services/collector/event?token=${token}`;
    const queried = await send(splunk, good, json, query('plain'));
    assert.partialDeepStrictEqual(queried, { status: 400, body: { code: 16 } });
    const wrong = await send(splunk, good, json, query('x'));
    assert.partialDeepStrictEqual(wrong, { status: 403, body: { code: 4 } });
    assert.equal((await send(splunk, good, HEADERS, '/services/collect')).status, 404);
    const got = await ask(`${splunk.url}/services/collector`, { method: 'GET', headers: HEADERS });
    assert.equal(got.status, 404);
    assert.equal((await send(splunk, good, HEADERS, '/services/collector/raw')).status, 400);
  });

  it('what comes after it grew busy, and says where that was', async (t) => {
    const mine = await start(t);
    mine.busyAfter(2);
    const three = '{"event":"a"}{"event":"b"}{"event":"c"}';
    const answer = await send(mine, three);
    const body = { text: 'Server is busy', code: 9, 'invalid-event-number': 2 };
    assert.partialDeepStrictEqual(answer, { status: 503, body });
    assert.deepEqual(
      mine.events.map(({ envelope }) => envelope.event),
      ['a', 'b'],
    );
    assert.equal((await send(mine, three)).status, 200);
    assert.equal(mine.events.length, 5);
  });

  it('a batch for one bad event, and keeps what stood before it or not', async (t) => {
    for (const beforeInvalid of ['dropped', 'kept'] as const) {
      const mine = await start(t, { beforeInvalid });
      const answer = await send(mine, `${good}{"event":""}${good}`);
      assert.partialDeepStrictEqual(answer.body, { code: 13, 'invalid-event-number': 1 });
      assert.equal(mine.events.length, beforeInvalid === 'kept' ? 1 : 0);
    }
  });
});

describe('indexer acknowledgement', () => {
  const headers = {
    ...HEADERS,
    authorization: 'Splunk acked',
    'x-splunk-request-channel': CHANNEL,
  };
  const poll = async (splunk: SplunkReceiver, acks: number[]): Promise<unknown> =>
    (await send(splunk, JSON.stringify({ acks }), headers, '/services/collector/ack')).body;

  it('counts requests in each channel and says true once, after indexing', async (t) => {
    const splunk = await start(t);
    for (const ackId of [0, 1]) {
      const answer = await send(splunk, '{"event":"a"}{"event":"b"}', headers);
      assert.deepEqual(answer.body, { text: 'Success', code: 0, ackId });
    }
    const other = { ...headers, 'x-splunk-request-channel': randomUUID() };
    const elsewhere = await send(splunk, '{"event":"c"}', other);
    assert.partialDeepStrictEqual(elsewhere.body, { ackId: 0 });
    assert.deepEqual(await poll(splunk, [0, 9]), { acks: { 0: false, 9: false } });
    assert.deepEqual(await poll(splunk, [0, 1]), { acks: { 0: true, 1: false } });
    assert.deepEqual(await poll(splunk, [0, 1]), { acks: { 0: false, 1: true } });
  });

  it('never acknowledges what was lost after its 200, or before a restart', async (t) => {
    const splunk = await start(t);
    splunk.play({ kind: 'partial' });
    assert.equal((await send(splunk, '{"event":"lost"}', headers)).status, 200);
    assert.equal((await send(splunk, '{"event":"kept"}', headers)).status, 200);
    await poll(splunk, [0, 1]);
    assert.deepEqual(await poll(splunk, [0, 1]), { acks: { 0: false, 1: true } });
    assert.deepEqual(
      splunk.events.map(({ envelope }) => envelope.event),
      ['kept'],
    );
    await send(splunk, '{"event":"forgotten"}', headers);
    splunk.forgetAcks();
    for (let i = 0; i < 3; i += 1) {
      assert.deepEqual(await poll(splunk, [2]), { acks: { 2: false } });
    }
  });

  it('refuses a full channel, a token without it, and what is no poll', async (t) => {
    const splunk = await start(t, { pendingMax: 1 });
    await send(splunk, '{"event":"a"}', headers);
    const full = await send(splunk, '{"event":"b"}', headers);
    assert.partialDeepStrictEqual(full, { status: 429, body: { code: 27 } });
    const ack = '/services/collector/ack';
    const plain = await send(splunk, '{"acks":[0]}', HEADERS, ack);
    assert.partialDeepStrictEqual(plain, { status: 400, body: { code: 14 } });
    for (const body of ['{"acks":["0"]}', '[0]', '{']) {
      assert.partialDeepStrictEqual((await send(splunk, body, headers, ack)).body, { code: 6 });
    }
    const { authorization } = headers;
    const noChannel = await send(splunk, '{"acks":[0]}', { authorization }, ack);
    assert.partialDeepStrictEqual(noChannel.body, { code: 10 });
  });
});
