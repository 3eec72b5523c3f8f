import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { HttpAnswer, Outcome } from '../kit/contract.ts';
import { classifySplunk, readAcks } from './answer.ts';

function answer(status: number, body: unknown, headers: Record<string, string> = {}): HttpAnswer {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { status, headers, body: text, receivedAtMs: 0 };
}

/** "Troubleshoot HTTP Event Collector": code, status, and what a sender has to do. */
const TABLE: [code: number, status: number, kind: Outcome['kind']][] = [
  [0, 200, 'ok'],
  [1, 403, 'pause'],
  [2, 401, 'pause'],
  [3, 401, 'pause'],
  [4, 403, 'pause'],
  [5, 400, 'pause'],
  [6, 400, 'split'],
  [7, 400, 'pause'],
  [8, 500, 'retry'],
  [9, 503, 'retry'],
  [10, 400, 'pause'],
  [11, 400, 'pause'],
  [12, 400, 'split'],
  [13, 400, 'split'],
  [14, 400, 'pause'],
  [15, 400, 'split'],
  [16, 400, 'pause'],
  [18, 503, 'retry'],
  [19, 503, 'retry'],
  [20, 503, 'retry'],
  [21, 400, 'pause'],
  [22, 400, 'pause'],
  [23, 503, 'retry'],
  [26, 429, 'retry'],
  [27, 429, 'retry'],
];

describe('an answer of Splunk', () => {
  for (const [code, status, kind] of TABLE) {
    it(`with code ${code} means ${kind}`, () => {
      const outcome = classifySplunk(answer(status, { text: 'its words', code }), false);
      assert.equal(outcome.kind, kind);
      const said = 'reason' in outcome ? outcome.reason : (outcome as { answer: string }).answer;
      assert.match(said, new RegExp(`^code ${code}: its words(; \\w.+)?$`));
    });
  }

  it('waits as long as it asks for', () => {
    const body = { text: 'Server is busy', code: 9 };
    const outcome = classifySplunk(answer(503, body, { 'retry-after': '7' }), false);
    assert.deepEqual(outcome, {
      kind: 'retry',
      reason: 'code 9: Server is busy',
      afterMs: 7_000,
    });
  });

  it('is not believed about the place of the event that it refuses', () => {
    const body = { text: 'Invalid data format', code: 6, 'invalid-event-number': 3 };
    const outcome = classifySplunk(answer(400, body), false);
    assert.deepEqual(outcome, { kind: 'split', reason: 'code 6: Invalid data format' });
  });

  it('counts by its number whatever status a proxy gave it, and by its status without', () => {
    assert.equal(classifySplunk(answer(200, { text: '', code: 4 }), false).kind, 'pause');
    assert.equal(classifySplunk(answer(502, '<html>'), false).kind, 'retry');
    assert.equal(classifySplunk(answer(503, { code: 99 }), false).kind, 'retry');
    assert.equal(classifySplunk(answer(401, ''), false).kind, 'pause');
    assert.equal(classifySplunk(answer(413, '<html>'), false).kind, 'dead');
  });

  it('is no success when it is the page of something else', () => {
    for (const page of ['<html>Sign in</html>', '', '[]', '"ok"']) {
      const outcome = classifySplunk(answer(200, page), false);
      assert.deepEqual(outcome, {
        kind: 'pause',
        reason: 'HTTP 200, but not from a collector: set url to the collector itself',
      });
    }
  });
});

describe('with indexer acknowledgement', () => {
  it('a success is a ticket, not a delivery', () => {
    const outcome = classifySplunk(answer(200, { text: 'Success', code: 0, ackId: 7 }), true);
    assert.deepEqual(outcome, { kind: 'accepted', ticket: '7', answer: 'ackId 7' });
  });

  it('a success without a ticket pauses, for nothing would ever be confirmed', () => {
    for (const body of [{ text: 'Success', code: 0 }, {}, { code: 0, ackId: 'x' }]) {
      const outcome = classifySplunk(answer(200, body), true);
      assert.equal(outcome.kind, 'pause');
      assert.match((outcome as { reason: string }).reason, /ack: false/);
    }
  });

  it('leaves refusals as they are', () => {
    assert.equal(classifySplunk(answer(503, { text: '', code: 9 }), true).kind, 'retry');
    assert.equal(classifySplunk(answer(403, { text: '', code: 4 }), true).kind, 'pause');
  });

  it('reads which tickets are confirmed', () => {
    const acks = readAcks(answer(200, { acks: { 7: true, 8: false, 9: 'true' } }));
    assert.deepEqual(
      acks,
      new Map([
        ['7', true],
        ['8', false],
        ['9', false],
      ]),
    );
  });

  it('reads a refusal of the question as one', () => {
    const off = readAcks(answer(400, { text: 'ACK is disabled', code: 14 })) as Outcome;
    assert.deepEqual(off, {
      kind: 'pause',
      reason:
        'code 14: ACK is disabled; the token has indexer acknowledgement off: enable it, or set ' +
        'ack: false',
    });
    for (const odd of [answer(200, { text: 'Success', code: 0 }), answer(503, '')]) {
      assert.equal((readAcks(odd) as Outcome).kind, 'retry');
    }
  });
});
