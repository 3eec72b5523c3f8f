/** What the official serialisers write, on tens of thousands of requests, other ones each time. */
import { test } from 'node:test';
import fc from 'fast-check';
import { assertAgrees, assertRefusedOrRead, mutant, request } from './agree.ts';

const RUNS = 2_000;
const MUTANTS = 2_000;

test('protobuf and JSON say what was put in', (t) => {
  fc.assert(fc.property(request, assertAgrees), { numRuns: RUNS });
  t.diagnostic(`${RUNS} requests`);
});

test('what became of their bytes is refused with a code of ours, or read', (t) => {
  fc.assert(fc.property(mutant, assertRefusedOrRead), { numRuns: MUTANTS });
  t.diagnostic(`${MUTANTS} requests`);
});
