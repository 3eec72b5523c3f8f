import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isHostAllowed, isSameOrigin } from './guard.ts';

describe('the host of a request', () => {
  it('may be a loopback name, with any port', () => {
    const names = ['localhost', 'localhost:3000', '127.0.0.1:3000', '127.8.9.1', '[::1]:3000'];
    for (const host of [...names, 'LOCALHOST:1', 'vitrine.localhost']) {
      assert.equal(isHostAllowed(host, []), true, host);
    }
  });

  it('may not be a name that an attacker points at this address', () => {
    const names = [
      'evil.example',
      'evil.example:3000',
      '127.0.0.1.evil.example',
      'localhost.evil.example',
      'notlocalhost',
      '127.0.0.1@evil.example',
      '128.0.0.1',
      '[::2]:3000',
      'localhost:3000:80',
      'localhost, evil.example',
      '',
    ];
    for (const host of names) assert.equal(isHostAllowed(host, []), false, host);
    assert.equal(isHostAllowed(null, []), false);
  });

  it('may be one that was allowed, and no part of it', () => {
    const allowed = ['audit.corp.example', 'other.example:8443'];
    assert.equal(isHostAllowed('Audit.corp.example:443', allowed), true);
    assert.equal(isHostAllowed('other.example:8443', allowed), true);
    assert.equal(isHostAllowed('other.example:9', allowed), false);
    assert.equal(isHostAllowed('x.audit.corp.example', allowed), false);
  });
});

describe('the origin of a change', () => {
  it('is the same as the host, port and all', () => {
    assert.equal(isSameOrigin('http://127.0.0.1:3000', '127.0.0.1:3000'), true);
    assert.equal(isSameOrigin('https://audit.example', 'audit.example:443'), true);
    assert.equal(isSameOrigin('http://audit.example', 'audit.example'), true);
  });

  it('is not another site, port, sandboxed page or missing', () => {
    assert.equal(isSameOrigin('http://evil.example', '127.0.0.1:3000'), false);
    assert.equal(isSameOrigin('http://127.0.0.1:3001', '127.0.0.1:3000'), false);
    assert.equal(isSameOrigin('http://localhost:3000', '127.0.0.1:3000'), false);
    assert.equal(isSameOrigin('null', '127.0.0.1:3000'), false);
    assert.equal(isSameOrigin(null, '127.0.0.1:3000'), false);
    assert.equal(isSameOrigin('file://127.0.0.1:3000', '127.0.0.1:3000'), false);
    assert.equal(isSameOrigin('https://a.example', 'a.example:80'), false);
  });
});
