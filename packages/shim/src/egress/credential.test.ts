/** Where credentials are looked for, and what is made of them. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, it } from 'node:test';
import { CredentialReader, fingerprint, leadingCredential } from './credential.ts';

const KEY = Buffer.alloc(32, 7);
const SECRET = 'the-secret';
const FP = fingerprint(KEY, SECRET);
const reader = new CredentialReader(KEY, []);

describe('a fingerprint', () => {
  it('is the first 16 bytes of HMAC-SHA-256, in hex', () => {
    const whole = createHmac('sha256', KEY).update(SECRET).digest();
    assert.equal(FP, whole.subarray(0, 16).toString('hex'));
  });
});

describe('a credential', () => {
  const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
  const places: [string, string[], string, string][] = [
    ['a bearer token', ['Authorization', `Bearer ${SECRET}`], '', 'bearer'],
    ['a scheme in any case', ['authorization', `bEaReR   ${SECRET}`], '', 'bearer'],
    ['no scheme at all', ['Authorization', SECRET], '', 'raw'],
    ['a basic password', ['Authorization', basic(`user:${SECRET}`)], '', 'basic'],
    ['a token as basic user', ['Authorization', basic(`${SECRET}:`)], '', 'basic'],
    ['an API key', ['X-Api-Key', SECRET], '', 'x-api-key'],
    ['an API key of Azure', ['api-key', SECRET], '', 'api-key'],
    ['an API key of Google', ['x-goog-api-key', SECRET], '', 'x-goog-api-key'],
    ['a token of GitLab', ['PRIVATE-TOKEN', SECRET], '', 'private-token'],
    ['an auth token', ['X-Auth-Token', SECRET], '', 'x-auth-token'],
    ['a proxy’s', ['Proxy-Authorization', `Bearer ${SECRET}`], '', 'bearer'],
    ['a cookie', ['Cookie', SECRET], '', 'cookie'],
    ['a key in the query', [], `a=1&key=${SECRET}`, 'query'],
    ['a token in the query', [], `Access_Token=${SECRET}`, 'query'],
  ];
  for (const [what, headers, query, scheme] of places) {
    it(`is found: ${what}`, () => {
      const found = reader.find(headers, query);
      assert.equal(found.length, 1);
      assert.deepEqual(
        [found[0]?.fp, found[0]?.scheme, found[0]?.provisioned],
        [FP, scheme, false],
      );
      assert.ok(!JSON.stringify(found).includes(SECRET));
    });
  }

  it('is none in other headers and query keys', () => {
    assert.deepEqual(reader.find(['accept', SECRET, 'x-request-id', SECRET], `q=${SECRET}`), []);
  });

  it('of one’s own does not hide a foreign one, in whatever order', () => {
    const own = new CredentialReader(KEY, [fingerprint(KEY, 'own')]);
    for (const headers of [
      ['authorization', 'Bearer own', 'x-api-key', SECRET],
      ['authorization', `Bearer ${SECRET}`, 'x-api-key', 'own'],
      ['x-api-key', 'own', 'x-api-key', SECRET],
    ]) {
      assert.equal(leadingCredential(own.find(headers, ''))?.fp, FP);
    }
  });
});
