import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ALERT_VERDICTS } from '@vitrine/schema/record';
import { deedOf, VERDICTS, verdictText } from './deeds.ts';

const open = { state: 'open', assignee: null, verdict: null } as const;
const taken = { state: 'acknowledged', assignee: 'Ada', verdict: null } as const;
const closed = { state: 'closed', assignee: 'Ada', verdict: 'false_positive' } as const;

describe('what was done with an alert', () => {
  it('is what differs from the record before it', () => {
    assert.equal(deedOf(taken, undefined), 'acknowledged, assigned to Ada');
    assert.equal(deedOf(closed, taken), 'closed as false positive');
    assert.equal(deedOf(taken, taken), 'commented');
    assert.equal(deedOf({ ...open, assignee: 'Ada' }, closed), 'reopened');
    assert.equal(deedOf({ ...open, assignee: 'Ada' }, taken), 'put back');
    assert.equal(deedOf({ ...taken, assignee: null }, taken), 'assigned to nobody');
    assert.equal(deedOf(open, undefined), 'commented');
  });

  it('has a word for every verdict that the log takes', () => {
    assert.deepEqual(VERDICTS.map(([verdict]) => verdict).sort(), [...ALERT_VERDICTS].sort());
    assert.equal(verdictText('benign_positive'), 'benign positive');
  });
});
