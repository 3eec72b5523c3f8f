import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { WEBHOOK_KEY_BYTES_MAX, WEBHOOK_KEY_BYTES_MIN } from '@vitrine/schema';
import { Webhook } from 'standardwebhooks';
import { sampleAlerts } from '../kit/conformance/sample-log.ts';
import { SecretReader } from '../kit/secret.ts';
import { webhook } from './index.ts';

const NOW_MS = Date.now();
const [ALERT] = sampleAlerts([{}]);

const secretOf = (bytes: number): string => {
  return `whsec_${Buffer.alloc(bytes, 'k').toString('base64')}`;
};

/** The request for one alert under these secrets. */
function requestWith(environment: Record<string, string>, settings: object = {}) {
  const raw = { url: 'https://soc.example/hook', secret: { env: 'A' }, ...settings };
  const connector = webhook.configure('soc', raw);
  const items = [{ id: ALERT!.id, bytes: connector.encode(ALERT!) }];
  const sending = { items, atMs: NOW_MS, attempt: 1 };
  const request = connector.transport.request(sending, new SecretReader(environment));
  return { ...request, body: Buffer.from(request.body!) };
}

describe('a webhook request', () => {
  it('is accepted by the reference library', () => {
    const { headers, body } = requestWith({ A: secretOf(32) });
    const verified = new Webhook(secretOf(32)).verify(Buffer.from(body), headers);
    assert.deepEqual((verified as { data: object }).data, JSON.parse(body.toString()).data);
    assert.equal(headers['webhook-id'], ALERT!.id);
    assert.equal(headers['webhook-timestamp'], String(Math.floor(NOW_MS / 1_000)));
  });

  it('is refused under another key, and when one byte differs', () => {
    const { headers, body } = requestWith({ A: secretOf(32) });
    const verify = (secret: string, bytes: Uint8Array): unknown =>
      new Webhook(secret).verify(Buffer.from(bytes), headers);
    assert.throws(() => verify(secretOf(33), body), /No matching signature/);
    const altered = Buffer.from(body);
    altered[altered.length - 2]! ^= 1;
    assert.throws(() => verify(secretOf(32), altered), /No matching signature/);
  });

  it('is signed under both secrets while they change', () => {
    const environment = { A: secretOf(32), B: secretOf(40) };
    const { headers, body } = requestWith(environment, { previous_secret: { env: 'B' } });
    for (const secret of Object.values(environment)) {
      assert.ok(new Webhook(secret).verify(Buffer.from(body), headers));
    }
  });

  it('takes keys of 24 to 64 bytes and no others', () => {
    for (const bytes of [WEBHOOK_KEY_BYTES_MIN, WEBHOOK_KEY_BYTES_MAX]) {
      assert.ok(requestWith({ A: secretOf(bytes) }).headers['webhook-signature']);
    }
    for (const bytes of [WEBHOOK_KEY_BYTES_MIN - 1, WEBHOOK_KEY_BYTES_MAX + 1]) {
      assert.throws(() => requestWith({ A: secretOf(bytes) }), { code: 'SECRET_INVALID' });
    }
  });

  it('refuses a secret of another form without showing it', () => {
    const bare = Buffer.alloc(32, 'k').toString('base64');
    for (const text of [bare, `whsec_${bare}!`, `whsec_ ${bare}`, 'hunter2']) {
      assert.throws(
        () => requestWith({ A: text }),
        (error: Error & { code: string; hint: string }) => {
          assert.equal(error.code, 'SECRET_INVALID');
          assert.ok(!`${error.message}${error.hint}`.includes(text));
          return true;
        },
      );
    }
  });

  it('goes to an address that is a secret itself', () => {
    const environment = { A: secretOf(32), URL: 'https://soc.example/token-1234' };
    const { url } = requestWith(environment, { url: { env: 'URL' } });
    assert.equal(url, 'https://soc.example/token-1234');
  });
});
