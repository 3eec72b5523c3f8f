import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { FIELD_CHARS_MAX, SESSION_CHARS_MAX } from '@vitrine/schema';
import { isName } from '../verify/form.ts';
import { sessionName } from './session-name.ts';

test('a name that fits is kept', () => {
  for (const name of [
    's1',
    'A.b_c:d-e',
    'x',
    'xy',
    'logs',
    'a:b',
    'a:1b',
    '7'.repeat(SESSION_CHARS_MAX),
  ]) {
    assert.deepEqual(sessionName(name), { session: name });
  }
});

test('any other is replaced by its hash, and the original is kept', () => {
  const raws = [
    '',
    'log',
    'x-1',
    'a b',
    'a/b',
    'é',
    'a:2',
    'a:b:10',
    'a'.repeat(SESSION_CHARS_MAX + 1),
  ];
  for (const raw of raws) {
    const hash = createHash('sha256').update(raw).digest('hex').slice(0, 32);
    assert.deepEqual(sessionName(raw), { session: `x-${hash}`, original: raw });
    assert.ok(isName(sessionName(raw).session));
  }
});

test('a huge or broken original cannot break a record', () => {
  const { session, original } = sessionName(`\ud800${'é'.repeat(1_000_000)}`);
  assert.ok(isName(session));
  assert.equal(original?.length, FIELD_CHARS_MAX);
  assert.ok(original?.isWellFormed());
});
