import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { contentPolicy } from './headers.ts';

describe('the content policy', () => {
  it('runs scripts with the nonce only, and never evaluates text', () => {
    const policy = contentPolicy('abc', false);
    assert.match(policy, /(^|; )script-src 'self' 'nonce-abc'(;|$)/);
    assert.doesNotMatch(policy, /unsafe-eval|\*|https?:/);
    assert.match(policy, /(^|; )default-src 'self'(;|$)/);
    assert.match(policy, /(^|; )frame-ancestors 'none'(;|$)/);
    assert.match(policy, /(^|; )style-src 'self' 'nonce-abc'(;|$)/);
  });

  it('is looser while developing, where React needs it', () => {
    assert.match(contentPolicy('abc', true), /script-src 'self' 'nonce-abc' 'unsafe-eval'/);
  });
});
