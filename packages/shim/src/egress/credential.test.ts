/** Where credentials are looked for, and what is made of them. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, it } from 'node:test';
import { EGRESS_NAMES_MAX } from '@vitrine/schema';
import { CredentialReader, fingerprint } from './credential.ts';

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
      const { credentials: found } = reader.find(headers, query);
      assert.equal(found.length, 1);
      assert.deepEqual(
        [found[0]?.fp, found[0]?.scheme, found[0]?.provisioned],
        [FP, scheme, false],
      );
      assert.ok(!JSON.stringify(found).includes(SECRET));
    });
  }

  it('is none in other headers and query keys', () => {
    const { credentials } = reader.find(['accept', SECRET, 'x-request-id', SECRET], `q=${SECRET}`);
    assert.deepEqual(credentials, []);
  });

  const own = new CredentialReader(
    KEY,
    ['own', ...Array.from({ length: 99 }, (_, i) => `own-${i}`)].map((secret) =>
      fingerprint(KEY, secret),
    ),
  );
  const first = (headers: string[], query = ''): string | undefined =>
    own.find(headers, query).credentials[0]?.fp;

  it('of one’s own does not hide a foreign one, in whatever order', () => {
    for (const headers of [
      ['authorization', 'Bearer own', 'x-api-key', SECRET],
      ['authorization', `Bearer ${SECRET}`, 'x-api-key', 'own'],
      ['x-api-key', 'own', 'x-api-key', SECRET],
      ['authorization', 'Bearer own', 'cookie', SECRET],
    ]) {
      assert.equal(first(headers), FP);
    }
  });

  it('of one’s own does not hide a foreign one by being there many times', () => {
    const same = Array.from({ length: 40 }, () => 'key=own').join('&');
    const many = Array.from({ length: 99 }, (_, i) => `key=own-${i}`).join('&');
    for (const query of [same, many]) assert.equal(first(['x-api-key', SECRET], query), FP);
    assert.equal(first([], `${many}&token=${SECRET}`), FP);
    assert.equal(first(Array(40).fill(['x-api-key', 'own']).flat(), `key=${SECRET}`), FP);
  });

  it('is told of once, and how many there was no room for', () => {
    const query = (n: number): string => Array.from({ length: n }, (_, i) => `key=${i}`).join('&');
    const found = (n: number) => own.find(['x-api-key', '0'], `${query(n)}&${query(n)}`);
    const full = found(EGRESS_NAMES_MAX);
    assert.deepEqual([full.credentials.length, full.omitted], [EGRESS_NAMES_MAX, 0]);
    const over = found(EGRESS_NAMES_MAX + 1);
    assert.deepEqual([over.credentials.length, over.omitted], [EGRESS_NAMES_MAX, 1]);
  });

  it('that is a token in the place of a basic user is not hidden by one’s own password', () => {
    const token = `sk-ant-${'x'.repeat(20)}`;
    assert.equal(first(['authorization', basic(`${token}:own`)]), fingerprint(KEY, token));
    assert.equal(first(['authorization', basic('someone:own')]), fingerprint(KEY, 'own'));
  });
});
