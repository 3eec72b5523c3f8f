import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type Answer, ask } from './ask.ts';
import { type FalconOptions, FalconReceiver } from './falcon.ts';

const KEY = 'ngsiem-key';
const HEADERS = { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' };
/** As "Ingesting with HTTP Event Collector (HEC)" of LogScale has it. */
const EVENT = {
  time: 1_537_537_729.5,
  source: '/var/log/application.log',
  sourcetype: 'applog',
  event: { message: 'System shutdown', host: { ip: '127.0.0.1' } },
  fields: { env: 'prod' },
};

async function start(
  t: TestContext,
  options: Partial<FalconOptions> = {},
): Promise<FalconReceiver> {
  const falcon = await FalconReceiver.start({ key: KEY, parsers: ['json', 'applog'], ...options });
  t.after(() => falcon.close());
  return falcon;
}

function send(
  { url }: FalconReceiver,
  body: string,
  headers: Record<string, string> = HEADERS,
  path = '/services/collector',
): Promise<Answer> {
  return ask(`${url}${path}`, { headers, body });
}

describe('what the Falcon server takes', () => {
  it('takes events one after another, repeats as well', async (t) => {
    const falcon = await start(t);
    const answer = await send(falcon, `${JSON.stringify(EVENT)}\n${JSON.stringify(EVENT)}`);
    assert.deepEqual(answer.body, { text: 'Success', code: 0 });
    const stored = {
      parser: 'applog',
      timeMs: 1_537_537_729_500,
      raw: JSON.stringify(EVENT.event),
      fields: { env: 'prod' },
      truncated: false,
    };
    assert.deepEqual(falcon.events, [stored, stored]);
  });

  it('uses its own parser without a source type, and kv for one that it has not', async (t) => {
    const falcon = await start(t);
    await send(falcon, '{"event":"a"}{"event":"b","sourcetype":"unheard"}');
    assert.deepEqual(
      falcon.events.map(({ parser }) => parser),
      ['json', 'kv'],
    );
  });

  it('drops nested fields and cuts long events without a word', async (t) => {
    const falcon = await start(t, { eventBytesMax: 10 });
    const event = { event: '0123456789a', fields: { flat: 1 } };
    const nested = { event: '0123456789', fields: { flat: 1, deep: { a: 1 } } };
    const answer = await send(falcon, JSON.stringify(event) + JSON.stringify(nested));
    assert.equal(answer.status, 200);
    assert.partialDeepStrictEqual(falcon.events, [
      { raw: '0123456...', fields: {}, truncated: true },
      { raw: '0123456789', fields: { flat: 1 }, truncated: false },
    ]);
    assert.deepEqual(falcon.events[1]!.fields, { flat: 1 });
  });

  it('takes gzip and raw lines', async (t) => {
    const falcon = await start(t);
    const headers = { ...HEADERS, 'content-encoding': 'gzip' };
    const body = gzipSync('{"event":"a"}');
    const zipped = await ask(`${falcon.url}/services/collector`, { headers, body });
    assert.equal(zipped.status, 200);
    const raw = { authorization: HEADERS.authorization };
    assert.equal((await send(falcon, 'b\nc\n', raw, '/services/collector/raw')).status, 200);
    assert.deepEqual(
      falcon.events.map((event) => event.raw),
      ['a', 'b', 'c'],
    );
  });
});

describe('what the Falcon server refuses', () => {
  let falcon: FalconReceiver;
  before(async () => {
    falcon = await FalconReceiver.start({ key: KEY, bodyBytesMax: 500 });
  });
  after(() => falcon.close());

  const good = JSON.stringify(EVENT);
  const event = (change: object): string => JSON.stringify({ ...EVENT, ...change });
  const json = { 'content-type': 'application/json' };
  const cases: [string, string, Record<string, string>, number][] = [
    ['no key', good, json, 401],
    ['a wrong key', good, { ...HEADERS, authorization: 'Bearer x' }, 401],
    ['the word of Splunk', good, { ...HEADERS, authorization: `Splunk ${KEY}` }, 401],
    ['no content type', good, { authorization: HEADERS.authorization }, 415],
    ['another content type', good, { ...HEADERS, 'content-type': 'application/x-ndjson' }, 415],
    ['another encoding', good, { ...HEADERS, 'content-encoding': 'zstd' }, 415],
    ['what is no gzip', good, { ...HEADERS, 'content-encoding': 'gzip' }, 400],
    ['an oversize body', event({ event: 'x'.repeat(500) }), HEADERS, 413],
    ['no data', '', HEADERS, 400],
    ['an array', `[${good}]`, HEADERS, 400],
    ['half an event', good.slice(0, -1), HEADERS, 400],
    ['no event', '{"time":1}', HEADERS, 400],
    ['milliseconds', event({ time: 1_537_537_729_500 }), HEADERS, 400],
    ['an unknown member', event({ sourceType: 'x' }), HEADERS, 400],
  ];
  for (const [name, body, headers, status] of cases) {
    it(name, async () => {
      assert.equal((await send(falcon, body, headers)).status, status);
      assert.deepEqual(falcon.events, []);
    });
  }

  it('what swells over the limit, and the addresses of Splunk and LogScale', async () => {
    const headers = { ...HEADERS, 'content-encoding': 'gzip' };
    const body = gzipSync(event({ event: 'x'.repeat(500) }));
    assert.equal((await ask(`${falcon.url}/services/collector`, { headers, body })).status, 413);
    for (const path of ['/services/collector/event', '/api/v1/ingest/hec']) {
      assert.equal((await send(falcon, good, HEADERS, path)).status, 404);
    }
    assert.throws(() => falcon.play({ kind: 'partial' }), /no partial success/);
  });
});
