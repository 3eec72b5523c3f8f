/** Streams that rule authors write: what becomes of their lines, and what is said of a bad one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ShimError } from '../error.ts';
import { withOwnId } from './replay.ts';
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

test('sessions, what a relay says of itself, and how the collector ended a chain', () => {
  const rows = rawStream(
    [
      'relay boundary {"kind":"telemetry.bye","t":"1795425190000000000","count":1,"reason":"stop"}',
      'session other 1795425200 {"user":"kim"}',
      'hook 1795425201 {"hook_event_name":"UserPromptSubmit","session_id":"s","prompt":"x"}',
      'close 1795425202',
      'session 0193a4c2-raw',
      'collector {"kind":"end","t":"1795425203000000000","state":"lost","reason":"gone"}',
    ].join('\n'),
    true,
  );
  assert.deepEqual(
    rows.map(({ session, shim, kind }) => [session, shim.split('.').at(-1), kind]),
    [
      ['0193a4c2-raw', 'sup', 'open'],
      ['0193a4c2-raw', 'boundary', 'telemetry.bye'],
      ['other', 'sup', 'open'],
      ['other', 'agent', 'prompt.submit'],
      ['other', 'sup', 'close'],
      ['0193a4c2-raw', 'sup', 'end'],
      ['0193a4c2-raw', 'sup', 'close'],
    ],
  );
  assert.equal(rows[2]!.record.user, 'kim');
  assert.equal(rows[1]!.record.source, undefined);
});

test('a stream that is played twice tells of two sessions of an agent', () => {
  const id = '81f7f9c9-24b6-4c92-bf35-b4763590408d';
  const text = [
    `hook 1795425183 {"hook_event_name":"Stop","session_id":"${id}"}`,
    `otlp {"attributes":[{"key":"session.id","value":{"stringValue":"${id}"}}],"path":"/${id}/t"}`,
  ].join('\n');
  const [first, second] = [withOwnId(text), withOwnId(text)];
  const idsIn = (told: string) => new Set(told.match(/[0-9a-f]{8}-[0-9a-f-]{27}/g));
  assert.deepEqual([idsIn(first).size, idsIn(second).size], [1, 1]);
  assert.equal(new Set([...idsIn(first), ...idsIn(second), id]).size, 3);
});

const BAD: [line: string, reason: RegExp][] = [
  ['dtrace 1 2 3', /^no such source: dtrace 1 2 3$/],
  ['strace this is no call', /^strace cannot read this: /],
  ['open {"user"', /JSON.*: open \{"user"$/],
  ['hook 1 {"hook_event_name":', /: hook 1 /],
  ['hook later {}', /^no time in seconds: hook later/],
  ['seal soon', /^no time in seconds: seal soon$/],
  ['otlp {"resourceLogs":7}', /: otlp /],
  ['relay attic {}', /^no such vantage: relay attic /],
  ['relay host {"kind":"file.read","t":"1795425190000000000"}', /^kind is not one of telemetry/],
  ['relay host {"kind":"telemetry.bye","t":"1"}', /^t is no time: /],
  ['relay host {"kind":"telemetry.bye","t":"1795425190000000000","source":{}}', /^a relay has no/],
  ['collector {"kind":"open","t":"1795425190000000000"}', /^kind is not one of end/],
  ['session other', /^there is no such session yet: /],
  ['session 0193a4c2-raw 1795425190 {}', /^the session is open already: /],
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
