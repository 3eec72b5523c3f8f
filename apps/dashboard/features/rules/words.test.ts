/** Which rules a choice leaves, and what is said of detection. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RuleItem, RulesAnswer } from '@vitrine/schema/api';
import type { Severity } from '../../lib/severity.ts';
import { detectionWords, groupWords, kindWords, narrowed } from './words.ts';

function rule(id: string, severity: Severity, more: Partial<RuleItem> = {}): RuleItem {
  return {
    ...{
      id,
      severity,
      file: `${id}.yml`,
      title: `Title of ${id}`,
      status: 'stable',
      description: null,
    },
    ...{ kinds: null, vantage: null, tags: [], technique_v18: [], risk: [], what: '', todo: '' },
    ...{ falsepositives: [], needs: [], state: 'active', missing: [] },
    ...{ alerts: 0, alerts_24h: 0, last_fired: null },
    ...more,
  };
}

const items = [
  rule('B-002', 'low'),
  rule('A-001', 'high', { state: 'dormant', risk: ['external_attacker'] }),
  rule('A-000', 'high', { tags: ['attack.t1567'], kinds: ['egress.request'] }),
  rule('C-001', 'critical', { risk: ['user_misuse', 'external_attacker'] }),
];
const all = { severity: [], state: [], risk: [], q: '' };
const left = (filter: Partial<Parameters<typeof narrowed>[1]>): string[] =>
  narrowed(items, { ...all, ...filter }).map(({ id }) => id);

test('rules stand by their severity, then by their ids', () => {
  assert.deepEqual(left({}), ['C-001', 'A-000', 'A-001', 'B-002']);
});

test('each choice narrows them, and words are looked for in all that is shown', () => {
  assert.deepEqual(left({ severity: ['high', 'low'] }), ['A-000', 'A-001', 'B-002']);
  assert.deepEqual(left({ state: ['dormant'] }), ['A-001']);
  assert.deepEqual(left({ risk: ['external attacker'] }), ['C-001', 'A-001']);
  assert.deepEqual(left({ q: 'T1567' }), ['A-000']);
  assert.deepEqual(left({ q: 'title egress' }), ['A-000']);
  assert.deepEqual(left({ q: 'title nothing' }), []);
});

test('lists are said in words', () => {
  assert.equal(
    groupWords([['strace', 'gvisor'], ['claude-code']]),
    'strace or gvisor; claude-code',
  );
  assert.equal(kindWords(['egress.request', 'file.']), 'egress.request, file.*');
  assert.equal(kindWords(null), 'all kinds');
});

test('detection says how far behind it is, and when it is not well', () => {
  const answer: RulesAnswer = {
    ...{ items: [], refused: [], hash: null, state: 'running', last_error: null },
    ...{ deaths: 0, position: 0, lag_rows: 0, lag_seconds: 0, evicted: {} },
    failed: { count: 0, last: null },
  };
  const said = (more: Partial<RulesAnswer>): string => detectionWords({ ...answer, ...more });
  assert.equal(said({}), 'It has read everything that is sealed.');
  const late = said({ lag_rows: 12_000, lag_seconds: 2.04 });
  assert.equal(late, 'It is 12,000 records and 2.0 s behind.');
  const dying = said({ state: 'failing', last_error: 'out of memory', lag_rows: 1 });
  assert.match(dying, /^It keeps dying and reads nothing \(out of memory\)\. It is 1 record and/);
});
