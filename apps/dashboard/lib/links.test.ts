/** What the collector and the command line link to is what the dashboard calls its pages. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { alertLink, proofLink } from '@vitrine/schema';
import { paths } from './paths.ts';

describe('links to the dashboard', () => {
  it('lead to an alert', () => {
    assert.equal(alertLink('http://h', 12), `http://h${paths.alerts({ a: 12 })}`);
  });

  it('lead to a row and its proof, whatever the session is called', () => {
    for (const session of ['s1', 'a:2', 'x.y_z-1']) {
      const path = paths.session(session, { e: 3, tab: 'proof' });
      assert.equal(proofLink('http://h', session, 3), `http://h${path}`);
    }
  });
});
