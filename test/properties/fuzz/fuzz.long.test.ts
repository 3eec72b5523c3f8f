/** The parsers of hostile text, on a quarter of a million inputs; `VITRINE_FUZZ` says how many. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fuzzAll } from './fuzz.ts';

const INPUTS = Number(process.env.VITRINE_FUZZ ?? 250_000);

test('mutants end in a coded error, or in what they were read from', (t) => {
  const fuzzed = fuzzAll(INPUTS);
  const inputs = Object.values(fuzzed).reduce((sum, one) => sum + one.inputs, 0);
  assert.ok(inputs >= INPUTS);
  t.diagnostic(JSON.stringify(fuzzed));
});
