/** Whoever looks at a connector that does not deliver is told what to do next. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { classifyAnswer } from './classify.ts';
import { ConnectorError } from './error.ts';
import { hintOf } from './hint.ts';
import { failureOf } from './wire/failure.ts';

function reasonOf(outcome: ReturnType<typeof failureOf>): string {
  return 'reason' in outcome ? outcome.reason : assert.fail(outcome.kind);
}

describe('a hint', () => {
  it('is there for every refusal that pauses, and for a busy or broken destination', () => {
    for (const status of [
      301, 400, 401, 403, 404, 405, 407, 410, 413, 415, 422, 429, 500, 501, 503,
    ]) {
      const answer = { status, headers: {}, body: 'no; not ever', receivedAtMs: 0 };
      const hint = hintOf(reasonOf(classifyAnswer(answer)), 'soc');
      assert.ok(hint !== null && hint.length > 10 && !hint.includes('ever'), String(status));
    }
  });

  it('is what a failure before an answer says behind its cause', () => {
    const refused = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
    assert.match(hintOf(reasonOf(failureOf(refused)), 'soc')!, /^nothing listens there/);
    const guarded = new ConnectorError('EGRESS_REFUSED', 'no', 'add allow: [loopback]');
    assert.equal(hintOf(reasonOf(failureOf(guarded)), 'soc'), 'add allow: [loopback]');
    assert.match(hintOf('no answer within 30000 ms', 'soc')!, /in time/);
  });

  it('can be typed as it stands', () => {
    assert.match(hintOf('HTTP 422', 'soc')!, /npx --no vitrine connectors test soc --dry-run$/);
  });

  it('is never made up', () => {
    for (const error of [null, 'something else', 'HTTP 418: a pot']) {
      assert.equal(hintOf(error, 'soc'), null);
    }
  });
});
