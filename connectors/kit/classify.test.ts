import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CONNECTOR_REASON_CHARS_MAX, DELIVERY_RETRY_AFTER_MS_MAX } from '@vitrine/schema';
import { classifyAnswer, cutReason, oneLine, retryAfterMs } from './classify.ts';
import type { HttpAnswer } from './contract.ts';

const NOW_MS = Date.parse('2026-11-25T10:00:00Z');

function answer(status: number, headers: Record<string, string> = {}, body = ''): HttpAnswer {
  return { status, headers, body, receivedAtMs: NOW_MS };
}

describe('classifyAnswer', () => {
  const kinds: Record<string, number[]> = {
    ok: [200, 201, 202, 204, 299],
    pause: [301, 302, 304, 307, 308, 401, 403, 404, 405, 407, 410, 501],
    retry: [408, 425, 429, 500, 502, 503, 504, 599],
    dead: [400, 406, 413, 415, 422, 431, 451],
  };
  for (const [kind, statuses] of Object.entries(kinds)) {
    for (const status of statuses) {
      it(`calls ${status} ${kind}`, () => {
        assert.equal(classifyAnswer(answer(status)).kind, kind);
      });
    }
  }

  it('shows the first words of a refusal on one line', () => {
    const outcome = classifyAnswer(answer(400, {}, 'no\r\nsuch\u001b[31m  field\u2028'));
    assert.deepEqual(outcome, { kind: 'dead', reason: 'HTTP 400: no such [31m field' });
  });

  it('hands on what Retry-After asks for, and nothing when it asks for nothing', () => {
    assert.deepEqual(classifyAnswer(answer(429, { 'retry-after': '7' })), {
      kind: 'retry',
      reason: 'HTTP 429',
      afterMs: 7_000,
    });
    assert.ok(!('afterMs' in classifyAnswer(answer(429))));
  });
});

describe('retryAfterMs', () => {
  const inSeconds = (seconds: number): string => new Date(NOW_MS + seconds * 1_000).toUTCString();

  it('reads seconds and dates', () => {
    assert.equal(retryAfterMs(answer(503, { 'retry-after': ' 30 ' })), 30_000);
    assert.equal(retryAfterMs(answer(503, { 'retry-after': inSeconds(30) })), 30_000);
  });

  it('compares a date with the clock of the destination', () => {
    const headers = { 'retry-after': inSeconds(3_630), date: inSeconds(3_600) };
    assert.equal(retryAfterMs(answer(503, headers)), 30_000);
  });

  it('never waits longer than the bound, nor backwards', () => {
    const longest = DELIVERY_RETRY_AFTER_MS_MAX / 1_000;
    const seconds = (text: string) => retryAfterMs(answer(503, { 'retry-after': text }));
    assert.equal(seconds(String(longest)), DELIVERY_RETRY_AFTER_MS_MAX);
    assert.equal(seconds(String(longest + 1)), DELIVERY_RETRY_AFTER_MS_MAX);
    assert.equal(seconds('9'.repeat(400)), DELIVERY_RETRY_AFTER_MS_MAX);
    assert.equal(seconds(inSeconds(-60)), 0);
  });

  it('ignores what is neither', () => {
    for (const text of ['', 'soon', '-5', '1.5s']) {
      assert.equal(retryAfterMs(answer(503, { 'retry-after': text })), undefined, text);
    }
  });
});

describe('reasons', () => {
  it('are cut at their bound and not before', () => {
    const fitting = 'x'.repeat(CONNECTOR_REASON_CHARS_MAX);
    assert.equal(cutReason(fitting), fitting);
    assert.equal(cutReason(`${fitting}y`).length, CONNECTOR_REASON_CHARS_MAX);
  });

  it('cannot write a line of their own', () => {
    assert.equal(oneLine('a\nb\r\u2029c\u0000d\u202e'), 'a b c d');
  });
});
