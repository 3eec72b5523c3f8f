/** What is offered to whom: the same as the API grants, and never less for want of knowing. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { refusalOf } from './access.ts';

describe('an offer', () => {
  it('is made to those who may', () => {
    assert.equal(refusalOf('analyst', 'alert.triage'), undefined);
    assert.equal(refusalOf('auditor', 'evidence.export'), undefined);
  });

  it('is not made to those who may not, and names who may', () => {
    const said = 'You are signed in as auditor; this takes admin or analyst.';
    assert.equal(refusalOf('auditor', 'alert.triage'), said);
    assert.match(refusalOf('analyst', 'connector.manage')!, /this takes admin\.$/);
    assert.match(refusalOf('reader', 'evidence.export')!, /admin or analyst or auditor/);
  });

  it('is made where the role is not known: the API decides', () => {
    for (const role of ['', 'somebody', 'constructor']) {
      assert.equal(refusalOf(role, 'part.read'), undefined);
    }
  });
});
