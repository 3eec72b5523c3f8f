/** Each way to lose sight, in words. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { lossWords } from './loss.ts';

describe('loss in words', () => {
  it('counts what a shim numbered and nobody saw', () => {
    const record = { from: 40, to: 56, reason: 'shim_sequence', source: { shim: 'strace' } };
    assert.equal(
      lossWords('telemetry.gap', record),
      '17 events lost: strace numbered them (40 to 56), the relay never saw them',
    );
  });

  it('says what was in a damaged spool', () => {
    const record = { from: 3, to: 3, reason: 'spool_damaged', target: { chain: 's/a.agent' } };
    assert.equal(
      lossWords('telemetry.gap', record),
      '1 event lost: in the spool of s/a.agent (3), unreadable now',
    );
  });

  it('says why an intake dropped, and what is not known', () => {
    const drop = (record: object) => lossWords('telemetry.drop', { ...record });
    assert.equal(
      drop({ reason: 'spool_full', requests: 2, records: 1200 }),
      "1,200 events dropped: the relay's spool was full",
    );
    assert.equal(
      drop({ reason: 'malformed', requests: 1, records: 0 }),
      '1 request dropped: the relay could not read them; nobody knows how many events',
    );
    assert.equal(drop({ reason: 'torn', lines: 4 }), '4 lines of the trace lost: torn');
    assert.equal(drop({ reason: 'strace ended' }), 'Sight lost: strace ended');
  });

  it('names a broken and a contested place', () => {
    const target = { chain: 's/a.agent', seq: 7 };
    assert.equal(
      lossWords('broken', { target, reason: 'prev differs' }),
      'Chain s/a.agent is broken at 7: prev differs',
    );
    assert.equal(
      lossWords('conflict', { target, hashes: [] }),
      'Conflict: two different records claim one place, s/a.agent at 7',
    );
  });

  it('takes the end of a chain for loss only from the supervisor', () => {
    const record = { state: 'lost', reason: 'broken', target: { chain: 's/a.agent' } };
    assert.equal(lossWords('end', { ...record, shim: 'sup' }), 'Chain s/a.agent was lost: broken');
    assert.equal(lossWords('end', { ...record, shim: 'x.agent' }), undefined);
    assert.equal(lossWords('end', { ...record, shim: 'sup', state: 'closed' }), undefined);
  });

  it('bears members of the wrong type', () => {
    const record = { from: 'a', to: {}, reason: 7, source: 'x', target: [] };
    for (const kind of ['telemetry.gap', 'gap', 'telemetry.drop', 'broken', 'conflict']) {
      assert.equal(typeof lossWords(kind, record), 'string');
    }
    assert.equal(lossWords('file.read', record), undefined);
  });
});
