/** One line for each sort of record, as lists show it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from './json.ts';
import { TITLE_CHARS_MAX } from './limits.ts';
import { eventSeverity, eventTitle } from './title.ts';

const TITLES: [JsonObject, string][] = [
  [{ kind: 'tool.call', tool: { name: 'Read', path: '/w/a' } }, 'tool.call Read /w/a'],
  [
    { kind: 'tool.result', tool: { name: 'Bash', program: 'ls', success: true } },
    'tool.result Bash ls',
  ],
  [{ kind: 'tool.result', tool: { name: 'Bash', success: false } }, 'tool.result Bash (failed)'],
  [
    {
      kind: 'approval.decision',
      tool: { name: 'Bash', program: 'rm' },
      decision: { value: 'reject' },
    },
    'approval.decision Bash rm → reject',
  ],
  [
    { kind: 'tool.result', tool: { name: 'Read' }, decision: { value: 'accept' } },
    'tool.result Read',
  ],
  [
    { kind: 'approval.mode_change', approval: { from: 'a', to: 'plan' } },
    'approval.mode_change plan',
  ],
  [{ kind: 'agent.spawn', agent: { id: 'a1', type: 'Explore' } }, 'agent.spawn Explore'],
  [{ kind: 'agent.stop', agent: { id: 'main' } }, 'agent.stop main'],
  [{ kind: 'model.request', agent: { model: 'm-1' } }, 'model.request m-1'],
  [{ kind: 'prompt.submit', prompt: { id: 'x' } }, 'prompt.submit'],
  [{ kind: 'hook.run', hook: { name: 'PreToolUse:Read' } }, 'hook.run PreToolUse:Read'],
  [
    {
      kind: 'egress.request',
      http: { method: 'POST', host: 'a.example', path: '/x', status: 200 },
    },
    'POST a.example /x → 200',
  ],
  [{ kind: 'file.read', file: { path: '/a', real_path: '/b' } }, 'file.read /a → /b'],
];

test('a title says what happened to what', () => {
  for (const [record, title] of TITLES) assert.equal(eventTitle(record), title);
});

test('what was refused is worth a look', () => {
  const decided = (value: string): number =>
    eventSeverity({ kind: 'approval.decision', decision: { value } });
  assert.deepEqual(['accept', 'reject', 'abort'].map(decided), [0, 1, 1]);
  assert.equal(eventSeverity({ kind: 'classifier.verdict', classifier: { verdict: 'deny' } }), 1);
  assert.equal(eventSeverity({ kind: 'file.read', file: { errno: 'EACCES' } }), 1);
});

/** What a lone surrogate is stored as is another text: `fsck` would find the row changed. */
test('a title that is cut stays text, wherever the cut falls', () => {
  for (let length = TITLE_CHARS_MAX - 20; length < TITLE_CHARS_MAX; length++) {
    const title = eventTitle({ kind: 'file.read', file: { path: `${'a'.repeat(length)}😀😀` } });
    assert.equal(Buffer.from(title).toString(), title);
    assert.ok(title.length <= TITLE_CHARS_MAX);
  }
});

/** Any chain may hold a record of this kind, and its severity goes into a column. */
test('the severity of an alert is a number, whatever stands there', () => {
  const hostile = [{ toString: 1, valueOf: 1 }, 'toString', 'constructor', null, ['critical'], 7];
  for (const severity of hostile) assert.equal(eventSeverity({ kind: 'alert', severity }), 3);
  assert.equal(eventSeverity({ kind: 'alert', severity: 'critical' }), 5);
});
