import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sessionCookie, tokenOfCookies } from './session-cookie.ts';

describe('the session cookie', () => {
  it('is out of reach of scripts and of other sites', () => {
    const cookie = sessionCookie('vt_1_a', 43_199.9, false);
    assert.equal(
      cookie,
      'vitrine_session=vt_1_a; Path=/; HttpOnly; SameSite=Strict; Max-Age=43199',
    );
    assert.match(sessionCookie('t', 1, true), /; Secure$/);
    assert.match(sessionCookie('', -5, false), /^vitrine_session=; .*Max-Age=0$/);
  });

  it('is found among others, and only in the form of a token', () => {
    assert.equal(tokenOfCookies('a=b; vitrine_session=vt_1_A-b; c=d'), 'vt_1_A-b');
    const none = [null, '', 'vitrine_session=', 'xvitrine_session=vt', 'vitrine_session=a b'];
    for (const header of none) assert.equal(tokenOfCookies(header), '');
    assert.equal(tokenOfCookies('vitrine_session=a\r\nx: y'), '');
    assert.equal(tokenOfCookies(`vitrine_session=${'a'.repeat(201)}`), '');
  });
});
