/** Wildcards, escapes and case of Sigma's string values. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compileLiteral, compilePattern, literalOf } from './pattern.ts';

const EXACT = { cased: false, anyBefore: false, anyAfter: false };

function matches(pattern: string, text: string, options = EXACT): boolean {
  return compilePattern(pattern, options)(text);
}

test('text is compared whole and without regard to case', () => {
  assert.ok(matches('Curl', 'cURL'));
  assert.ok(!matches('curl', 'curl -v'));
  assert.ok(!matches('curl', 'Curl', { ...EXACT, cased: true }));
  assert.ok(matches('GRÖSSE', 'grösse'));
  assert.ok(matches('', ''));
  assert.ok(!matches('', 'x'));
});

test('* stands for any number of characters and ? for one', () => {
  assert.ok(matches('a*c', 'ac'));
  assert.ok(matches('a*c*e', 'abcde'));
  assert.ok(!matches('a*c', 'acd'));
  assert.ok(matches('a?c', 'abc'));
  assert.ok(!matches('a?c', 'ac'));
  assert.ok(matches('?', '🔒'), 'a character beyond 16 bits is one');
  assert.ok(matches('*', ''));
  assert.ok(matches('*a*b', 'xaab'));
  assert.ok(matches('/w/*', '/w/a\nb'), 'line ends are characters');
});

test('the backslash escapes wildcards and itself, and nothing else (rules specification)', () => {
  assert.ok(matches('\\*', '*'));
  assert.ok(!matches('\\*', 'x'));
  assert.ok(matches('\\?', '?'));
  assert.ok(matches('C:\\Windows', 'c:\\windows'));
  assert.ok(matches('C:\\\\Windows', 'c:\\windows'));
  assert.ok(matches('dir\\\\*', 'dir\\anything'));
  assert.ok(matches('dir\\\\\\*', 'dir\\*'));
  assert.ok(!matches('dir\\\\\\*', 'dir\\x'));
  assert.ok(matches('\\\\\\\\', '\\\\'));
  assert.ok(matches('\\\\\\', '\\\\'), 'three are two as well');
  assert.equal(literalOf('a\\*b'), 'a*b');
  assert.equal(literalOf('a*b'), undefined);
});

test('contains, startswith and endswith put wildcards around', () => {
  assert.ok(matches('b?d', 'aBcDe', { ...EXACT, anyBefore: true, anyAfter: true }));
  assert.ok(matches('ab', 'abc', { ...EXACT, anyAfter: true }));
  assert.ok(!matches('bc', 'abcd', { ...EXACT, anyBefore: true }));
  assert.ok(compileLiteral('*', { ...EXACT, anyBefore: true })('x*'));
  assert.ok(!compileLiteral('*', { ...EXACT, anyBefore: true })('x'));
});

test('any pattern agrees with the same pattern as a regular expression', () => {
  const piece = fc.constantFrom('a', 'b', '*', '?');
  const pattern = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''));
  const text = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 10 }).map((c) => c.join(''));
  fc.assert(
    fc.property(pattern, text, (glob, input) => {
      const regex = new RegExp(`^${glob.replaceAll('*', '.*').replaceAll('?', '.')}$`);
      assert.equal(matches(glob, input), regex.test(input));
    }),
    { numRuns: 2_000 },
  );
});

test('a hostile pattern and text take time in proportion to their product', () => {
  const pattern = `${'*a'.repeat(50)}*b`;
  assert.ok(!matches(pattern, 'a'.repeat(4_000)));
});
