/** The verifier runs wherever SHA-256 and Ed25519 can be had: nothing it loads may need Node. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const IMPORT = /(?:from|import) '([^']+)'/g;

function loadedBy(url: URL, seen = new Map<string, string>()): Map<string, string> {
  if (seen.has(url.href)) return seen;
  const text = readFileSync(url, 'utf8');
  seen.set(url.href, text);
  for (const [, specifier] of text.matchAll(IMPORT)) {
    if (specifier!.startsWith('.')) loadedBy(new URL(specifier!, url), seen);
    else assert.equal(specifier, '@vitrine/schema', url.href);
  }
  return seen;
}

test('no module behind verifyWith imports Node or uses its Buffer', () => {
  const modules = loadedBy(new URL('steps.ts', import.meta.url));
  assert.ok(modules.size > 30);
  for (const [href, text] of modules) {
    const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
    assert.doesNotMatch(code, /\bBuffer\b|\bprocess\.|\brequire\(/, href);
  }
});
