import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  ALERT_ACTS_MAX,
  ALERT_ASSIGNEE_CHARS_MAX,
  ALERT_COMMENT_CHARS_MAX,
  ALERT_STANDING_FIRST,
} from '@vitrine/schema';
import type { ActRequest } from '@vitrine/schema/api';
import { ApiError } from '../api/errors.ts';
import { alertAct, type Standing, standingAfter } from './act.ts';

const untouched: Standing = { ...ALERT_STANDING_FIRST, seq: 7, acts: 0 };
const closed: Standing = { ...untouched, state: 'closed', verdict: 'true_positive', acts: 1 };

function codeOf(what: () => unknown): string {
  try {
    what();
  } catch (error) {
    assert.ok(error instanceof ApiError, String(error));
    return error.code;
  }
  return 'taken';
}

const form = (body: unknown): string => codeOf(() => alertAct(body));
const step = (before: Standing, act: ActRequest): string =>
  codeOf(() => standingAfter(before, act));

describe('the form of an act', () => {
  it('is taken with what it may hold, trimmed', () => {
    assert.deepEqual(alertAct({ comment: ' seen \n' }), { comment: 'seen' });
    const all = { state: 'closed', verdict: 'false_positive', assignee: 'Ada L.', expect: 0 };
    assert.deepEqual(alertAct(all), all);
    assert.deepEqual(alertAct({ assignee: null }), { assignee: null });
  });

  it('is refused with anything else, whatever its type', () => {
    const bad = [
      null,
      [],
      'x',
      {},
      { expect: 1 },
      { state: 'gone' },
      { state: ['open'] },
      { state: 'closed' },
      { state: 'closed', verdict: 'maybe' },
      { state: 'open', verdict: 'true_positive' },
      { verdict: 'true_positive', comment: 'x' },
      { assignee: '' },
      { assignee: '-' },
      { assignee: 7 },
      { assignee: 'A\u202eb' },
      { assignee: 'A\nb' },
      { assignee: '\ud800' },
      { comment: '  ' },
      { comment: '\udc00' },
      { comment: { toString: 1 } },
      { comment: 'x', expect: -1 },
      { comment: 'x', expect: '1' },
      { comment: 'x', by: 'somebody' },
    ];
    for (const body of bad) assert.equal(form(body), 'BAD_REQUEST', JSON.stringify(body));
  });

  it('holds a comment and a name up to their limits, in characters', () => {
    const face = '\u{1f600}';
    assert.equal(form({ comment: face.repeat(ALERT_COMMENT_CHARS_MAX) }), 'taken');
    assert.equal(form({ comment: 'x'.repeat(ALERT_COMMENT_CHARS_MAX + 1) }), 'BAD_REQUEST');
    assert.equal(form({ assignee: 'é'.repeat(ALERT_ASSIGNEE_CHARS_MAX) }), 'taken');
    assert.equal(form({ assignee: 'x'.repeat(ALERT_ASSIGNEE_CHARS_MAX + 1) }), 'BAD_REQUEST');
  });
});

describe('a step', () => {
  it('leads from each state to those that follow it', () => {
    const acknowledged: Standing = { ...untouched, state: 'acknowledged', assignee: 'Ada' };
    const close: ActRequest = { state: 'closed', verdict: 'benign_positive' };
    assert.deepEqual(standingAfter(untouched, { state: 'acknowledged', assignee: 'Bo' }), {
      state: 'acknowledged',
      assignee: 'Bo',
      verdict: null,
    });
    assert.deepEqual(standingAfter(acknowledged, close), {
      state: 'closed',
      assignee: 'Ada',
      verdict: 'benign_positive',
    });
    assert.equal(step(untouched, close), 'taken');
    assert.equal(step(acknowledged, { state: 'open' }), 'taken');
    assert.deepEqual(standingAfter(closed, { state: 'open' }), { ...ALERT_STANDING_FIRST });
    assert.deepEqual(standingAfter(closed, { comment: 'x' }).verdict, 'true_positive');
  });

  it('that leads nowhere is a conflict', () => {
    assert.equal(step(untouched, { state: 'open' }), 'STATE_CONFLICT');
    assert.equal(step(closed, { state: 'acknowledged' }), 'STATE_CONFLICT');
    assert.equal(step(closed, { state: 'closed', verdict: 'false_positive' }), 'STATE_CONFLICT');
  });

  it('from another place than its asker saw is a conflict', () => {
    assert.equal(step(untouched, { comment: 'x', expect: 7 }), 'taken');
    assert.equal(step(untouched, { comment: 'x', expect: 6 }), 'STATE_CONFLICT');
  });

  it('ends where the history of an alert is full', () => {
    assert.equal(step({ ...untouched, acts: ALERT_ACTS_MAX - 1 }, { comment: 'x' }), 'taken');
    assert.equal(step({ ...untouched, acts: ALERT_ACTS_MAX }, { comment: 'x' }), 'TOO_LARGE');
  });
});
