import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sessionCookies, tokenOfCookies } from './session-cookie.ts';

describe('the session cookie', () => {
  it('is out of reach of scripts and of other sites', () => {
    const flags = 'Path=/; HttpOnly; SameSite=Strict; Max-Age=43199';
    assert.deepEqual(sessionCookies({ token: 'vt_1_a', role: 'auditor' }, 43_199.9, false), [
      `vitrine_session=vt_1_a; ${flags}`,
      `vitrine_role=auditor; ${flags}`,
    ]);
    for (const cookie of sessionCookies({ token: 't', role: 'r' }, 1, true)) {
      assert.match(cookie, /; Secure$/);
    }
    for (const cookie of sessionCookies({ token: '', role: '' }, -5, false)) {
      assert.match(cookie, /^vitrine_(session|role)=; .*Max-Age=0$/);
    }
  });

  it('is found among others, and only in the form of a token', () => {
    assert.equal(tokenOfCookies('a=b; vitrine_session=vt_1_A-b; c=d'), 'vt_1_A-b');
    const none = [null, '', 'vitrine_session=', 'xvitrine_session=vt', 'vitrine_session=a b'];
    for (const header of none) assert.equal(tokenOfCookies(header), '');
    assert.equal(tokenOfCookies('vitrine_session=a\r\nx: y'), '');
    assert.equal(tokenOfCookies(`vitrine_session=${'a'.repeat(201)}`), '');
  });
});
