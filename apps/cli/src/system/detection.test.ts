/** What `doctor` makes of the answer about detection. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RulesAnswer } from '@vitrine/schema/api';
import { detectionFindings } from './detection.ts';

const WELL: RulesAnswer = {
  ...{ items: [], refused: [], hash: 'aa', state: 'running', deaths: 0, last_error: null },
  ...{ position: 5, lag_rows: 0, lag_seconds: 0, evicted: {}, failed: { count: 0, last: null } },
};

async function said(more: Partial<RulesAnswer>) {
  const findings = await detectionFindings({ rules: async () => ({ ...WELL, ...more }) });
  return findings.map(({ check, state, found }) => [check, state, found]);
}

test('detection that keeps up is said to', async () => {
  assert.deepEqual(await said({}), [['detection', 'ok', '0 rules, nothing waits']]);
  const some = await said({ lag_rows: 1_200, lag_seconds: 0.25 });
  assert.deepEqual(some, [['detection', 'ok', '0 rules, 1,200 records and 0.3 s behind']]);
});

test('one that does not keep up, or keeps dying, is a warning or worse', async () => {
  const [late] = await said({ lag_rows: 9, lag_seconds: 61 });
  assert.equal(late![1], 'warn');
  const [dying] = await said({ state: 'failing', deaths: 5, last_error: 'out of memory' });
  assert.equal(dying![1], 'fail');
  assert.match(dying![2]!, /died 5 times \(out of memory\)/);
  assert.equal((await said({ state: 'restarting', deaths: 1 }))[0]![1], 'warn');
});

test('files that are not used and records that were not judged are named', async () => {
  const invalid = { code: 'RULE_INVALID', reason: 'title is missing', hint: '' };
  const refused = [{ file: 'A.yml', ...invalid }];
  const failed = { count: 2, last: { index: 7, reason: 'no\u001bway' } };
  const [, records, files] = await said({ refused, failed });
  assert.match(records![2]!, /^2 records could not be judged, leaf 7 last: no\\u001bway$/);
  assert.match(files![2]!, /^1 files are not used, A\.yml: title is missing$/);
});

test('a system that does not answer is said to not answer', async () => {
  const rules = () => Promise.reject(new Error('away'));
  assert.deepEqual((await detectionFindings({ rules }))[0]!.found, 'away');
});
