/**
 * Hostile bundles, small: each ends with its code, in a moment, for little of its size. As large as
 * they come, and through the command, they are in `hostile.long.test.ts`.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifyBundle } from '@vitrine/chain';
import { HOSTILE_TRUST } from './log.ts';
import { SIGNED_TRAPS } from './signed.ts';
import { TEXT_TRAPS } from './text.ts';

const BYTES = 524_288;
/** Of a machine that does other things as well; what is quadratic takes minutes. */
const MS_MAX = 10_000;

for (const { name, make, codes, options = {} } of [...SIGNED_TRAPS, ...TEXT_TRAPS]) {
  test(`${name}: ${codes.join(' or ')}`, () => {
    const bundle = make(BYTES);
    assert.ok(bundle.length <= BYTES && bundle.length > 0.6 * BYTES, `${bundle.length} bytes`);
    const start = performance.now();
    const { code, failure } = verifyBundle(bundle, HOSTILE_TRUST, options);
    const ms = performance.now() - start;
    assert.ok(codes.includes(code), `${code}: ${JSON.stringify(failure)?.slice(0, 500)}`);
    assert.ok(ms < MS_MAX, `${ms} ms`);
  });
}
