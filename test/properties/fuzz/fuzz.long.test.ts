/** The parsers of hostile text, on a million inputs. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fuzzAll } from './fuzz.ts';

const INPUTS = 1_000_000;

test('a million mutants end in a coded error, or in what they were read from', (t) => {
  const fuzzed = fuzzAll(INPUTS);
  const inputs = Object.values(fuzzed).reduce((sum, one) => sum + one.inputs, 0);
  assert.ok(inputs >= INPUTS);
  t.diagnostic(JSON.stringify(fuzzed));
});
