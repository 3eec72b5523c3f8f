/** What the official serialisers write, on some hundreds of requests; the long one has more. */
import { test } from 'node:test';
import fc from 'fast-check';
import { assertAgrees, assertRefusedOrRead, mutant, request } from './agree.ts';

const RUNS = 300;
const SEED = 20_261_128;

test('protobuf and JSON say what was put in', () => {
  fc.assert(fc.property(request, assertAgrees), { numRuns: RUNS, seed: SEED });
});

test('what became of their bytes is refused with a code of ours, or read', () => {
  fc.assert(fc.property(mutant, assertRefusedOrRead), { numRuns: RUNS, seed: SEED });
});
