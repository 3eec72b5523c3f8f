import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type Answer, ask } from './ask.ts';
import { ElasticReceiver } from './elastic.ts';

const STREAM = 'logs-vitrine.alerts-default';
const KEY = { id: 'VuaCfGcBCdbkQm', secret: 'ui2lp2axTNmsyakw9tvNnw', streams: [STREAM, 'plain'] };
const HEADERS = {
  authorization: `ApiKey ${Buffer.from(`${KEY.id}:${KEY.secret}`).toString('base64')}`,
  'content-type': 'application/x-ndjson',
};
const DOCUMENT = { '@timestamp': '2099-03-07T11:04:05.000Z', message: 'Login attempt failed' };

async function start(t: TestContext): Promise<ElasticReceiver> {
  const elastic = await ElasticReceiver.start({ key: KEY });
  t.after(() => elastic.close());
  return elastic;
}

function pair(id: string, document: unknown = DOCUMENT, meta = {}, operation = 'create'): string {
  const action = { [operation]: { _index: STREAM, _id: id, ...meta } };
  return `${JSON.stringify(action)}\n${JSON.stringify(document)}\n`;
}

function send(
  { url }: ElasticReceiver,
  body: string,
  headers: Record<string, string> = HEADERS,
  path = '/_bulk',
): Promise<Answer> {
  return ask(`${url}${path}`, { headers, body });
}

interface Bulk {
  errors: boolean;
  items: Record<string, { _id: string; status: number; error?: { type: string } }>[];
}

/** Status and kind of error of each item. */
function outcomes({ status, body }: Answer): unknown[] {
  assert.equal(status, 200);
  const { errors, items } = body as Bulk;
  const all = items.map((item) => Object.values(item)[0]!);
  assert.equal(
    errors,
    all.some(({ error }) => error !== undefined),
  );
  return all.map(({ status: own, error }) => (error === undefined ? own : [own, error.type]));
}

function ids(elastic: ElasticReceiver): string[] {
  return (elastic.documents.get(STREAM) ?? []).map(({ id }) => id);
}

describe('what the Elastic server takes', () => {
  it('creates documents, and answers for each in the order of the request', async (t) => {
    const elastic = await start(t);
    const answer = await send(elastic, pair('1') + pair('2'));
    assert.deepEqual(outcomes(answer), [201, 201]);
    const { items } = answer.body as Bulk;
    assert.deepEqual(
      items.map((item) => item.create!._id),
      ['1', '2'],
    );
    const stored = [
      { id: '1', document: DOCUMENT },
      { id: '2', document: DOCUMENT },
    ];
    assert.deepEqual(elastic.documents.get(STREAM), stored);
  });

  it('takes the target from the address, gzip, and application/json', async (t) => {
    const elastic = await start(t);
    const path = `/${STREAM}/_bulk`;
    const json = { ...HEADERS, 'content-type': 'application/json' };
    const body = `{"create":{"_id":"1"}}\n${JSON.stringify(DOCUMENT)}\n`;
    assert.deepEqual(outcomes(await send(elastic, body, json, path)), [201]);
    const headers = { ...HEADERS, 'content-encoding': 'gzip' };
    const packed = gzipSync(pair('2'));
    const answer = await ask(`${elastic.url}/_bulk`, { headers, body: packed });
    assert.deepEqual(outcomes(answer), [201]);
    assert.deepEqual(ids(elastic), ['1', '2']);
  });

  it('knows a repeated _id until the stream rolls over', async (t) => {
    const elastic = await start(t);
    const conflict = [409, 'version_conflict_engine_exception'];
    assert.deepEqual(outcomes(await send(elastic, pair('1') + pair('1'))), [201, conflict]);
    assert.deepEqual(outcomes(await send(elastic, pair('1'))), [conflict]);
    elastic.rollover(STREAM);
    assert.deepEqual(outcomes(await send(elastic, pair('1'))), [201]);
    assert.deepEqual(ids(elastic), ['1', '1']);
  });

  it('makes an _id where there is none, so that a repeat is stored again', async (t) => {
    const elastic = await start(t);
    const body = `{"create":{"_index":"${STREAM}"}}\n${JSON.stringify(DOCUMENT)}\n`;
    for (let i = 0; i < 2; i += 1) assert.deepEqual(outcomes(await send(elastic, body)), [201]);
    assert.equal(new Set(ids(elastic)).size, 2);
  });

  it('refuses single items in a 200 and takes the others', async (t) => {
    const elastic = await start(t);
    const { message } = DOCUMENT;
    const body = [
      pair('1'),
      pair('2', { message }),
      pair('3', { '@timestamp': 'yesterday' }),
      `{"create":{"_index":"${STREAM}","_id":"4"}}\n{"@timestamp":\n`,
      pair('5', DOCUMENT, {}, 'index'),
      pair('6', DOCUMENT, { _index: 'logs-other-default' }),
      pair('7', DOCUMENT, { _index: 'plain' }),
      `{"delete":{"_index":"${STREAM}","_id":"1"}}\n`,
      pair('8'),
    ];
    assert.deepEqual(outcomes(await send(elastic, body.join(''))), [
      201,
      [400, 'document_parsing_exception'],
      [400, 'document_parsing_exception'],
      [400, 'document_parsing_exception'],
      [400, 'illegal_argument_exception'],
      [403, 'security_exception'],
      [404, 'index_not_found_exception'],
      [400, 'illegal_argument_exception'],
      201,
    ]);
    assert.deepEqual(ids(elastic), ['1', '8']);
  });

  it('hides what does not parse in the failure store, behind a 201 without an error', async (t) => {
    const elastic = await ElasticReceiver.start({ key: KEY, failureStore: true });
    t.after(() => elastic.close());
    const answer = await send(elastic, pair('1') + pair('2', {}) + pair('1'));
    const conflict = [409, 'version_conflict_engine_exception'];
    assert.deepEqual(outcomes(answer), [201, 201, conflict]);
    const { items } = answer.body as Bulk;
    assert.partialDeepStrictEqual(items[1], { create: { failure_store: 'used', _id: '2' } });
    assert.deepEqual(ids(elastic), ['1']);
    assert.deepEqual(
      elastic.failures.map(({ id }) => id),
      ['2'],
    );
  });

  it('plays a queue that is full for every other item', async (t) => {
    const elastic = await start(t);
    elastic.play({ kind: 'partial' });
    const body = pair('1') + pair('2') + pair('3');
    const full = [429, 'es_rejected_execution_exception'];
    assert.deepEqual(outcomes(await send(elastic, body)), [201, full, 201]);
    assert.deepEqual(ids(elastic), ['1', '3']);
    assert.deepEqual(outcomes(await send(elastic, pair('2'))), [201]);
  });
});

describe('what the Elastic server refuses', () => {
  let elastic: ElasticReceiver;
  before(async () => {
    elastic = await ElasticReceiver.start({ key: KEY, bodyBytesMax: 2_000 });
  });
  after(() => elastic.close());

  const { authorization } = HEADERS;
  const type = { 'content-type': HEADERS['content-type'] };
  const [security, illegal] = ['security_exception', 'illegal_argument_exception'];
  const wrong = `ApiKey ${Buffer.from('a:b').toString('base64')}`;
  const cases: [string, string, Record<string, string>, number, string | undefined][] = [
    ['no key', pair('1'), type, 401, security],
    ['a wrong key', pair('1'), { ...type, authorization: wrong }, 401, security],
    ['another scheme', pair('1'), { ...type, authorization: 'Bearer a' }, 401, security],
    ['no content type', pair('1'), { authorization }, 406, undefined],
    ['another type', pair('1'), { authorization, 'content-type': 'text/plain' }, 406, undefined],
    ['another encoding', pair('1'), { ...HEADERS, 'content-encoding': 'br' }, 400, illegal],
    ['what is no gzip', pair('1'), { ...HEADERS, 'content-encoding': 'gzip' }, 400, illegal],
    ['no last newline', pair('1').trimEnd(), HEADERS, 400, illegal],
    ['no body', '', HEADERS, 400, illegal],
    ['an array', `[${pair('1')}]\n`, HEADERS, 400, illegal],
    ['documents alone', `${JSON.stringify(DOCUMENT)}\n`, HEADERS, 400, illegal],
    ['an unknown action', '{"upsert":{}}\n{}\n', HEADERS, 400, illegal],
    [
      'two actions at once',
      `{"create":{"_index":"${STREAM}"},"x":{}}\n{}\n`,
      HEADERS,
      400,
      illegal,
    ],
    ['no target', '{"create":{"_id":"1"}}\n{}\n', HEADERS, 400, illegal],
    ['an _id of 513 bytes', pair('x'.repeat(513)), HEADERS, 400, illegal],
    ['an oversize body', pair('1', { x: 'x'.repeat(2_000) }), HEADERS, 413, undefined],
  ];
  for (const [name, body, headers, status, error] of cases) {
    it(name, async () => {
      const answer = await send(elastic, body, headers);
      assert.equal(answer.status, status);
      if (error !== undefined) {
        assert.partialDeepStrictEqual(answer.body, { error: { type: error }, status });
      }
      assert.deepEqual(ids(elastic), []);
    });
  }

  it('an _id of 512 bytes not, and other addresses', async (t) => {
    const mine = await start(t);
    assert.deepEqual(outcomes(await send(mine, pair('x'.repeat(512)))), [201]);
    for (const path of ['/_doc', `/${STREAM}`, '/a/b/_bulk']) {
      assert.equal((await send(mine, pair('1'), HEADERS, path)).status, 400);
    }
  });
});
