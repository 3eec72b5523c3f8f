import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it, type TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type Answer, ask } from './ask.ts';
import { type SentinelOptions, SentinelReceiver } from './sentinel.ts';

const STREAM = 'Custom-MyTableRawData';
const OPTIONS: SentinelOptions = {
  tenant: 'contoso',
  clientId: 'app-1',
  clientSecret: 'app-secret',
  rule: 'dcr-000a00a000a00000a000000aa000a0aa',
  streams: { [STREAM]: ['Time', 'Computer', 'AdditionalContext'] },
};
/** As "Logs Ingestion API overview" has it. */
const ROW = {
  Time: '2023-05-12T15:44:21Z',
  Computer: 'Computer1',
  AdditionalContext: { InstanceName: 'user1', CounterValue: 15.3 },
};
const FORM = {
  grant_type: 'client_credentials',
  client_id: 'app-1',
  client_secret: 'app-secret',
  scope: 'https://monitor.azure.com/.default',
};

async function start(t: TestContext, options = {}): Promise<SentinelReceiver> {
  const sentinel = await SentinelReceiver.start({ ...OPTIONS, ...options });
  t.after(() => sentinel.close());
  return sentinel;
}

function tokenAnswer(
  { url }: SentinelReceiver,
  form: Record<string, string>,
  path = '/contoso/oauth2/v2.0/token',
  type = 'application/x-www-form-urlencoded',
): Promise<Answer> {
  const body = new URLSearchParams(form).toString();
  return ask(`${url}${path}`, { headers: { 'content-type': type }, body });
}

async function tokenOf(sentinel: SentinelReceiver): Promise<string> {
  const { body } = await tokenAnswer(sentinel, FORM);
  return (body as { access_token: string }).access_token;
}

async function headersOf(sentinel: SentinelReceiver): Promise<Record<string, string>> {
  return {
    authorization: `Bearer ${await tokenOf(sentinel)}`,
    'content-type': 'application/json',
    'x-ms-client-request-id': randomUUID(),
  };
}

const PATH = `/dataCollectionRules/${OPTIONS.rule}/streams/${STREAM}?api-version=2023-01-01`;

function upload(
  { url }: SentinelReceiver,
  body: string,
  headers: Record<string, string>,
  path = PATH,
): Promise<Answer> {
  return ask(`${url}${path}`, { headers, body });
}

describe('tokens for the Sentinel server', () => {
  it('gives one to client credentials, and takes it until it ends', async (t) => {
    let now = 0;
    const sentinel = await start(t, { expiresInSeconds: 60, now: () => now });
    const { status, body } = await tokenAnswer(sentinel, FORM);
    assert.equal(status, 200);
    assert.partialDeepStrictEqual(body, { token_type: 'Bearer', expires_in: 60 });
    const headers = await headersOf(sentinel);
    now = 59_999;
    assert.equal((await upload(sentinel, '[]', headers)).status, 204);
    now = 60_000;
    const ended = await upload(sentinel, '[]', headers);
    assert.equal(ended.status, 401);
    assert.equal(ended.headers['www-authenticate'], 'Bearer');
    assert.equal(sentinel.tokens.issued, 2);
  });

  it('takes none that was revoked', async (t) => {
    const sentinel = await start(t);
    const headers = await headersOf(sentinel);
    sentinel.tokens.revokeAll();
    assert.equal((await upload(sentinel, '[]', headers)).status, 401);
  });

  const cases: [string, Record<string, string>, number, string][] = [
    ['a wrong secret', { client_secret: 'x' }, 401, 'invalid_client'],
    ['an unknown application', { client_id: 'x' }, 400, 'unauthorized_client'],
    ['another grant', { grant_type: 'password' }, 400, 'unsupported_grant_type'],
    ['another scope', { scope: 'https://graph.microsoft.com/.default' }, 400, 'invalid_scope'],
    ['no default scope', { scope: 'https://monitor.azure.com' }, 400, 'invalid_scope'],
  ];
  for (const [name, change, status, error] of cases) {
    it(`gives none for ${name}`, async (t) => {
      const sentinel = await start(t);
      const answer = await tokenAnswer(sentinel, { ...FORM, ...change });
      assert.partialDeepStrictEqual(answer, { status, body: { error } });
      assert.equal(sentinel.tokens.issued, 0);
    });
  }

  it('gives none without scope or grant, for another tenant, or to JSON', async (t) => {
    const sentinel = await start(t);
    const { scope: _scope, ...noScope } = FORM;
    const { grant_type: _grant, ...noGrant } = FORM;
    const answers = [
      await tokenAnswer(sentinel, noScope),
      await tokenAnswer(sentinel, noGrant),
      await tokenAnswer(sentinel, FORM, '/fabrikam/oauth2/v2.0/token'),
      await tokenAnswer(sentinel, FORM, undefined, 'application/json'),
    ];
    for (const answer of answers) {
      assert.partialDeepStrictEqual(answer, { status: 400, body: { error: 'invalid_request' } });
    }
    assert.equal(sentinel.tokens.issued, 0);
  });

  it('plays faults at the token endpoint alone', async (t) => {
    const sentinel = await start(t);
    sentinel.play({ kind: 'refuse', status: 503 }, { path: '/token' });
    const headers = { authorization: 'Bearer x', 'content-type': 'application/json' };
    assert.equal((await upload(sentinel, '[]', headers)).status, 401);
    const failed = await tokenAnswer(sentinel, FORM);
    assert.partialDeepStrictEqual(failed, {
      status: 503,
      body: { error: 'temporarily_unavailable' },
    });
    assert.equal((await tokenAnswer(sentinel, FORM)).status, 200);
  });
});

describe('what the Sentinel server takes', () => {
  it('takes rows, repeats as well, with 204 and nothing else', async (t) => {
    const sentinel = await start(t);
    const headers = await headersOf(sentinel);
    for (let i = 0; i < 2; i += 1) {
      const { status, body } = await upload(sentinel, JSON.stringify([ROW]), headers);
      assert.deepEqual([status, body], [204, '']);
    }
    assert.deepEqual(sentinel.rows.get(STREAM), [ROW, ROW]);
  });

  it('loses undeclared columns and cuts long texts behind its 204', async (t) => {
    const sentinel = await start(t);
    const row = { ...ROW, Computer: 'x'.repeat(65_537), Undeclared: 1 };
    assert.equal(
      (await upload(sentinel, JSON.stringify([row]), await headersOf(sentinel))).status,
      204,
    );
    const [stored] = sentinel.rows.get(STREAM)!;
    assert.deepEqual(stored, { ...ROW, Computer: 'x'.repeat(65_536) });
  });

  it('takes 1 MiB and not a byte more, packed or not', async (t) => {
    const sentinel = await start(t);
    const headers = await headersOf(sentinel);
    const frame = JSON.stringify([{ Computer: '' }]).length;
    for (const over of [0, 1]) {
      const Computer = 'x'.repeat(1_048_576 - frame + over);
      const plain = JSON.stringify([{ Computer }]);
      const packed = gzipSync(plain, { level: 1 });
      const gzip = { ...headers, 'content-encoding': 'gzip' };
      const answers = [
        await upload(sentinel, plain, headers),
        await ask(`${sentinel.url}${PATH}`, { headers: gzip, body: packed }),
      ];
      for (const answer of answers) {
        assert.equal(answer.status, over === 0 ? 204 : 413);
        if (over === 0) continue;
        assert.equal(answer.headers['x-ms-error-code'], 'ContentLengthLimitExceeded');
      }
    }
  });
});

describe('what the Sentinel server refuses', () => {
  let sentinel: SentinelReceiver;
  let good: Record<string, string>;
  before(async () => {
    sentinel = await SentinelReceiver.start(OPTIONS);
    good = await headersOf(sentinel);
  });
  after(() => sentinel.close());

  const rows = JSON.stringify([ROW]);
  const cases: [string, string, Record<string, string | undefined>, number, string][] = [
    ['no token', rows, { authorization: undefined }, 401, 'InvalidToken'],
    ['a wrong token', rows, { authorization: 'Bearer x' }, 401, 'InvalidToken'],
    ['no content type', rows, { 'content-type': undefined }, 415, 'UnsupportedMediaType'],
    ['another content type', rows, { 'content-type': 'text/json' }, 415, 'UnsupportedMediaType'],
    ['another encoding', rows, { 'content-encoding': 'br' }, 415, 'UnsupportedMediaType'],
    ['what is no gzip', rows, { 'content-encoding': 'gzip' }, 400, 'InvalidContentEncoding'],
    ['a bad request id', rows, { 'x-ms-client-request-id': '1' }, 400, 'InvalidClientRequestId'],
    ['an object', JSON.stringify(ROW), {}, 400, 'InvalidPayload'],
    ['a list of texts', '["a"]', {}, 400, 'InvalidPayload'],
    ['lines', `${JSON.stringify(ROW)}\n${JSON.stringify(ROW)}`, {}, 400, 'InvalidPayload'],
    ['half an array', rows.slice(0, -1), {}, 400, 'InvalidPayload'],
  ];
  for (const [name, body, change, status, code] of cases) {
    it(name, async () => {
      const wanted = Object.entries({ ...good, ...change });
      const given = wanted.filter((entry): entry is [string, string] => entry[1] !== undefined);
      const answer = await upload(sentinel, body, Object.fromEntries(given));
      assert.partialDeepStrictEqual(answer, { status, body: { error: { code } } });
      assert.equal(answer.headers['x-ms-error-code'], code);
      assert.equal(sentinel.rows.size, 0);
    });
  }

  it('another rule, stream, version or method, no body, and no role', async () => {
    const at = async (path: string): Promise<[number, unknown]> => {
      const answer = await upload(sentinel, rows, good, path);
      return [answer.status, answer.headers['x-ms-error-code']];
    };
    const version = '?api-version=2023-01-01';
    assert.deepEqual(await at(PATH.replace('dcr-000a', 'dcr-111a')), [404, 'NotFound']);
    assert.deepEqual(await at(PATH.replace('RawData', 'X')), [400, 'InvalidStream']);
    assert.deepEqual(await at(PATH.replace(version, '')), [400, 'InvalidApiVersion']);
    const other = PATH.replace('2023', '2021');
    assert.deepEqual(await at(other), [400, 'InvalidApiVersion']);
    const got = await ask(`${sentinel.url}${PATH}`, { method: 'PUT', headers: good });
    assert.equal(got.status, 404);
    assert.equal((await upload(sentinel, '', good)).status, 500);
    sentinel.hasRole = false;
    assert.deepEqual(await at(PATH), [403, 'OperationFailed']);
    assert.equal(sentinel.rows.size, 0);
    assert.throws(() => sentinel.play({ kind: 'partial' }), /no partial success/);
  });
});
