import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { ALERT_BYTES_MAX } from '@vitrine/schema';
import { SecretReader } from '../kit/secret.ts';
import { sentinel } from './index.ts';

const SECRET = 'q8~canary+secret&more=%';
const CONFIG = {
  tenant: 'contoso.example',
  client_id: '11111111-2222-3333-4444-555555555555',
  client_secret: { env: 'CLIENT_SECRET' },
  endpoint: 'https://rule-1.westeurope-1.ingest.monitor.azure.com',
  rule: 'dcr-000a00a000a00000a000000aa000a0aa',
};
const ITEMS = [
  { id: 'alr_1', bytes: Buffer.from('{"AlertId":"alr_1"}') },
  { id: 'alr_2', bytes: Buffer.from('{"AlertId":"alr_2"}') },
];
const SENDING = { items: ITEMS, atMs: 1_764_000_000_000, token: 'the-token', attempt: 1 };

const secrets = new SecretReader({ CLIENT_SECRET: SECRET });
const made = (more: object = {}) => sentinel.configure('siem', { ...CONFIG, ...more });
const requestOf = (more: object = {}, sending = SENDING) => {
  return made(more).transport.request(sending, secrets);
};
const tokenOf = (more: object = {}) => made(more).transport.token!.request(secrets);

describe('a request to the Logs Ingestion API', () => {
  it('is a packed list for one stream of one rule, with the token', () => {
    const { method, url, headers, body } = requestOf();
    assert.equal(method, 'POST');
    assert.equal(
      url,
      'https://rule-1.westeurope-1.ingest.monitor.azure.com/dataCollectionRules/' +
        'dcr-000a00a000a00000a000000aa000a0aa/streams/Custom-VitrineAlerts_CL' +
        '?api-version=2023-01-01',
    );
    assert.partialDeepStrictEqual(headers, {
      authorization: 'Bearer the-token',
      'content-type': 'application/json',
      'content-encoding': 'gzip',
    });
    const text = gunzipSync(body!).toString('utf8');
    assert.equal(text, '[{"AlertId":"alr_1"},{"AlertId":"alr_2"}]');
  });

  it('is a list of one as well', () => {
    const { body } = requestOf({}, { ...SENDING, items: ITEMS.slice(0, 1) });
    assert.equal(gunzipSync(body!).toString('utf8'), '[{"AlertId":"alr_1"}]');
  });

  it('has a request id of its own for each attempt, a UUID', () => {
    const id = (sending = SENDING) => requestOf({}, sending).headers['x-ms-client-request-id']!;
    assert.match(id(), /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.equal(id(), id());
    assert.notEqual(id(), id({ ...SENDING, attempt: 2 }));
    assert.notEqual(id(), id({ ...SENDING, items: ITEMS.slice(1) }));
  });

  it('stays below 1,048,576 bytes, packed and not, however badly it packs', () => {
    const { bytesMax, alertsMax, separatorBytes = 1, overheadBytes = 2 } = made().batch;
    // Rows of random text, as long as rows get, as many as the batch takes.
    const count = Math.min(alertsMax, Math.floor(bytesMax / (ALERT_BYTES_MAX + separatorBytes)));
    const items = Array.from({ length: count }, (_, i) => {
      return { id: `alr_${i}`, bytes: randomBytes(ALERT_BYTES_MAX) };
    });
    const { body } = requestOf({}, { ...SENDING, items });
    const unpacked = gunzipSync(body!).length;
    assert.equal(unpacked, count * (ALERT_BYTES_MAX + separatorBytes) - 1 + overheadBytes);
    assert.ok(unpacked > 850_000 && unpacked < 1_048_576, `${unpacked}`);
    assert.ok(body!.length < 1_048_576, `${body!.length}`);
  });
});

describe('a token of Entra', () => {
  it('is asked for with the form of the client credentials flow', () => {
    const { method, url, headers, body } = tokenOf();
    assert.equal(method, 'POST');
    assert.equal(url, 'https://login.microsoftonline.com/contoso.example/oauth2/v2.0/token');
    assert.equal(headers['content-type'], 'application/x-www-form-urlencoded');
    assert.deepEqual(Object.fromEntries(new URLSearchParams(Buffer.from(body!).toString())), {
      grant_type: 'client_credentials',
      client_id: CONFIG.client_id,
      client_secret: SECRET,
      scope: 'https://monitor.azure.com/.default',
    });
  });

  it('comes from the cloud of the tenant, for that cloud', () => {
    const asked = (more: object) => {
      const { url, body } = tokenOf(more);
      const form = new URLSearchParams(Buffer.from(body!).toString());
      return [new URL(url).host, form.get('scope')];
    };
    assert.deepEqual(asked({ cloud: 'us' }), [
      'login.microsoftonline.us',
      'https://monitor.azure.us/.default',
    ]);
    assert.deepEqual(asked({ cloud: 'china' }), [
      'login.partner.microsoftonline.cn',
      'https://monitor.azure.cn/.default',
    ]);
    assert.deepEqual(asked({ cloud: 'us', authority: 'https://login.example' }), [
      'login.example',
      'https://monitor.azure.us/.default',
    ]);
  });

  const read = (status: number, body: unknown, headers = {}) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return made().transport.token!.read({ status, headers, body: text, receivedAtMs: 0 });
  };

  it('is read with its life', () => {
    const body = { token_type: 'Bearer', expires_in: 3_599, access_token: 'abc' };
    assert.deepEqual(read(200, body), { token: 'abc', expiresInMs: 3_599_000 });
  });

  it('that is refused pauses in the words of Entra', () => {
    const body = { error: 'invalid_client', error_description: 'AADSTS7000215: Invalid secret.' };
    for (const status of [400, 401]) {
      assert.deepEqual(read(status, body), {
        kind: 'pause',
        reason:
          `HTTP ${status} from Entra: check tenant, client_id, client_secret and cloud: ` +
          'AADSTS7000215: Invalid secret.',
      });
    }
  });

  it('that is none pauses too, and trouble at Entra passes', () => {
    const none: unknown[] = ['<html>', { access_token: 'a' }, { access_token: 1, expires_in: 1 }];
    for (const body of none) assert.partialDeepStrictEqual(read(200, body), { kind: 'pause' });
    for (const status of [429, 500, 503]) {
      assert.partialDeepStrictEqual(read(status, ''), { kind: 'retry' });
    }
    const waiting = read(429, '', { 'retry-after': '3' });
    assert.partialDeepStrictEqual(waiting, { afterMs: 3_000 });
  });
});

describe('the settings', () => {
  const mistakes: [object, RegExp][] = [
    [{ tenant: '../x' }, /tenant: must be a tenant id/],
    [{ client_id: 'app' }, /client_id: must be the application id/],
    [{ client_secret: 'q8~' }, /client_secret: a secret is \{env: NAME\}/],
    [{ endpoint: 'https://a.example/dataCollectionRules' }, /endpoint: .* without path/],
    [{ endpoint: 'https://a:b@c.example' }, /endpoint/],
    [{ endpoint: 'a.example' }, /endpoint/],
    [{ rule: 'vitrine-alerts' }, /rule: must be the immutable id/],
    [{ stream: 'VitrineAlerts_CL' }, /stream: must be Custom-/],
    [{ cloud: 'mars' }, /cloud/],
    [{ authority: 'https://a.example/contoso' }, /authority/],
  ];
  for (const [mistake, says] of mistakes) {
    it(`are refused with ${JSON.stringify(mistake)}`, () => {
      assert.throws(() => made(mistake), { code: 'CONNECTOR_CONFIG_INVALID', message: says });
    });
  }
});
