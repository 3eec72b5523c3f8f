/** Every golden bundle gets the verdict an independent implementation of LOG.md gives it. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { verifyBundle } from './node.ts';
import type { VerifyOptions } from './types.ts';

const GOLDEN = new URL('../../../../test/vectors/golden/', import.meta.url);
const NOW = 1_764_090_000n * 1_000_000_000n;

interface Expected {
  code: number;
  why: string;
  options: {
    require_closed?: boolean;
    require_lossless?: boolean;
    require_parts?: boolean;
    expect?: { session: string };
  };
}

const expected = JSON.parse(text('expected.json')) as Record<string, Expected>;
const trust = text('trust.txt');

function text(name: string): string {
  return readFileSync(new URL(name, GOLDEN), 'utf8');
}

function verify(name: string, options: VerifyOptions): ReturnType<typeof verifyBundle> {
  const bytes = readFileSync(new URL(`${name}.vitrine.json`, GOLDEN));
  return verifyBundle(bytes, trust, { now: NOW, ...options });
}

for (const [name, { code, why, options }] of Object.entries(expected)) {
  test(`${name} is ${code}: ${why}`, () => {
    const asked: VerifyOptions = {
      requireClosed: options.require_closed,
      requireLossless: options.require_lossless,
      requireParts: options.require_parts,
      expect: options.expect,
    };
    const verdict = verify(name, asked);
    assert.equal(verdict.code, code, JSON.stringify(verdict, null, 1));
    const all = verify(name, { ...asked, all: true });
    assert.deepEqual(all.failure, verdict.failure, 'the first failure is the same with all');
  });
}

// 5 needs what only a log that lies would sign: contradictions.test.ts.
test('no bundle of the folder is left out, and each code but 5 is among them', () => {
  const files = readdirSync(GOLDEN).filter((name) => name.endsWith('.vitrine.json'));
  const named = Object.keys(expected).map((name) => `${name}.vitrine.json`);
  assert.deepEqual([...named, 'pinned.vitrine.json'].sort(), files.sort());
  const codes = new Set(Object.values(expected).map(({ code }) => code));
  assert.deepEqual([...codes].sort(), [0, 1, 2, 3, 4]);
});

test('a pinned bundle needs its consistency proof', () => {
  const pin = text('pin.json');
  assert.equal(verify('pinned', { pin }).code, 0);
  assert.equal(verify('session-closed', { pin }).code, 3);
  const other = JSON.parse(pin) as { root: string };
  other.root = `A${other.root.slice(1)}`;
  assert.equal(verify('pinned', { pin: JSON.stringify(other) }).code, 2);
});
