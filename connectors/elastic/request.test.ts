import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { SecretReader } from '../kit/secret.ts';
import { elastic } from './index.ts';

const CONFIG = { url: 'https://es.example:9243', api_key: { env: 'API_KEY' } };
const ENCODED = Buffer.from('key-id:canary-of-the-key').toString('base64');
const ITEMS = [
  { id: 'alr_1', bytes: Buffer.from('{"create":{"_id":"alr_1"}}\n{"message":"1"}') },
  { id: 'alr_2', bytes: Buffer.from('{"create":{"_id":"alr_2"}}\n{"message":"2"}') },
];
const SENDING = { items: ITEMS, atMs: 0, attempt: 1 };

const made = (raw: object = CONFIG) => elastic.configure('siem', raw);
const reader = (environment: Record<string, string>) => new SecretReader(environment);
const requestOf = (raw: object, environment: Record<string, string>) => {
  return made(raw).transport.request(SENDING, reader(environment));
};

describe('a request to _bulk', () => {
  it('is packed lines for one data stream, the last one ended as well', () => {
    const { method, url, headers, body } = requestOf(CONFIG, { API_KEY: ENCODED });
    assert.equal(method, 'POST');
    const { origin, pathname, searchParams } = new URL(url);
    assert.equal(`${origin}${pathname}`, `${CONFIG.url}/logs-vitrine.alerts-default/_bulk`);
    assert.match(String(searchParams.get('filter_path')), /items\.\*\.failure_store/);
    assert.equal(headers['content-type'], 'application/x-ndjson');
    assert.equal(headers['content-encoding'], 'gzip');
    assert.equal(
      gunzipSync(body!).toString('utf8'),
      '{"create":{"_id":"alr_1"}}\n{"message":"1"}\n{"create":{"_id":"alr_2"}}\n{"message":"2"}\n',
    );
  });

  it('goes through the path of a proxy to the stream of its namespace', () => {
    const raw = { ...CONFIG, url: 'https://gate.example/es/', namespace: 'lab' };
    const { pathname } = new URL(requestOf(raw, { API_KEY: ENCODED }).url);
    assert.equal(pathname, '/es/logs-vitrine.alerts-lab/_bulk');
  });

  it('takes an API key in either form, or a user', () => {
    const authorization = (raw: object, environment: Record<string, string>) => {
      return requestOf(raw, environment).headers.authorization;
    };
    assert.equal(authorization(CONFIG, { API_KEY: ENCODED }), `ApiKey ${ENCODED}`);
    const plain = { API_KEY: 'key-id:canary-of-the-key' };
    assert.equal(authorization(CONFIG, plain), `ApiKey ${ENCODED}`);
    const user = { url: CONFIG.url, username: 'vitrine', password: { env: 'PW' } };
    const basic = Buffer.from('vitrine:ä:b').toString('base64');
    assert.equal(authorization(user, { PW: 'ä:b' }), `Basic ${basic}`);
  });
});

describe('an answer that repeats what was sent', () => {
  it('does not show the credentials, which went out in another form', () => {
    const cases: [object, Record<string, string>][] = [
      [CONFIG, { API_KEY: 'key-id:canary-of-the-key' }],
      [{ url: CONFIG.url, username: 'u', password: { env: 'PW' } }, { PW: 'canary-of-u' }],
    ];
    for (const [raw, environment] of cases) {
      const secrets = reader(environment);
      const { transport } = made(raw);
      const { headers } = transport.request(SENDING, secrets);
      const sent = headers.authorization!.split(' ')[1]!;
      const body = JSON.stringify({ error: `who is ${headers.authorization}?` });
      for (const status of [400, 401, 500]) {
        const answer = { status, headers: {}, body, receivedAtMs: 0 };
        const outcome = JSON.stringify(transport.classify(answer, ITEMS, secrets));
        assert.ok(!outcome.includes(sent), outcome);
        assert.ok(outcome.includes('[redacted]'), outcome);
      }
    }
  });
});

describe('the settings', () => {
  const password = { env: 'PW' };
  const mistakes: [object, RegExp][] = [
    [{ ...CONFIG, url: 'es.example' }, /url: must be an http or https URL/],
    [{ ...CONFIG, url: 'https://me:pw@es.example' }, /url/],
    [{ ...CONFIG, namespace: 'a-b' }, /namespace: must be small letters/],
    [{ ...CONFIG, namespace: 'A' }, /namespace/],
    [{ url: CONFIG.url }, /set api_key, or username and password/],
    [{ ...CONFIG, username: 'u', password }, /not both/],
    [{ url: CONFIG.url, username: 'u' }, /set api_key, or username and password/],
    [{ url: CONFIG.url, password }, /set api_key, or username and password/],
  ];
  for (const [raw, says] of mistakes) {
    it(`are refused with ${JSON.stringify(raw)}`, () => {
      assert.throws(() => made(raw), { code: 'CONNECTOR_CONFIG_INVALID', message: says });
    });
  }
});
