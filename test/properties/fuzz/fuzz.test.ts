/** The parsers of hostile text, on 30,000 inputs; `fuzz.long.test.ts` has more. */
import { test } from 'node:test';
import { fuzzAll } from './fuzz.ts';

test('30,000 mutants end in a coded error, or in what they were read from', (t) => {
  t.diagnostic(JSON.stringify(fuzzAll(30_000)));
});
