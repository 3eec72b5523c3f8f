/** Streams that rule authors write: what becomes of their lines, and what is said of a bad one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ShimError } from '../error.ts';
import { rawStream } from './stream.ts';

test('lines of several sources become the rows of one session, in order', () => {
  const rows = rawStream(
    [
      '# a remark',
      'open {"user":"kim"}',
      'strace 11 1795425181.5 openat(AT_FDCWD, "/code/a", O_RDONLY|O_CLOEXEC) = 3</code/a>',
      'seal 1795425182.25',
      'hook 1795425183 {"hook_event_name":"UserPromptSubmit","session_id":"s","prompt":"x"}',
    ].join('\n'),
  );
  const kinds = rows.map(({ kind }) => kind);
  assert.equal(kinds[0], 'open');
  assert.equal(rows[0]!.record.user, 'kim');
  assert.equal(kinds.at(-1), 'close');
  const ours = rows.filter(({ kind }) => ['file.read', 'seal', 'prompt.submit'].includes(kind));
  assert.deepEqual(
    ours.map(({ kind, vantage }) => [kind, vantage]),
    [
      ['file.read', 'boundary'],
      ['seal', ''],
      ['prompt.submit', 'agent'],
    ],
  );
  assert.equal(ours[1]!.record.t, '1795425182250000000');
  assert.deepEqual(
    rows.map(({ index }) => index),
    rows.map((_, i) => i),
  );
});

const BAD: [line: string, reason: RegExp][] = [
  ['dtrace 1 2 3', /^no such source: dtrace 1 2 3$/],
  ['strace this is no call', /^strace cannot read this: /],
  ['open {"user"', /JSON.*: open \{"user"$/],
  ['hook 1 {"hook_event_name":', /: hook 1 /],
  ['hook later {}', /^no time in seconds: hook later/],
  ['seal soon', /^no time in seconds: seal soon$/],
  ['otlp {"resourceLogs":7}', /: otlp /],
];
for (const [line, reason] of BAD) {
  test(`is refused with its line: ${line}`, () => {
    assert.throws(
      () => rawStream(line),
      (error: unknown) =>
        error instanceof ShimError && error.code === 'STREAM_INVALID' && reason.test(error.message),
    );
  });
}
