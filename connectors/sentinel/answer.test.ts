import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { HttpAnswer } from '../kit/contract.ts';
import { classifySentinel } from './answer.ts';

function answer(status: number, error?: object, headers: Record<string, string> = {}): HttpAnswer {
  const body = error === undefined ? '' : JSON.stringify({ error });
  return { status, headers, body, receivedAtMs: 0 };
}

const PAYLOAD = { code: 'InvalidPayload', message: 'The body is not an array of objects.' };

describe('an answer of the Logs Ingestion API', () => {
  it('is a success with 204 alone: a portal or a wrong address says 200', () => {
    assert.deepEqual(classifySentinel(answer(204)), { kind: 'ok', answer: 'HTTP 204' });
    for (const status of [200, 201, 202]) {
      assert.equal(classifySentinel(answer(status)).kind, 'pause', `${status}`);
    }
  });

  it('that refuses the rows has them halved, in its own words', () => {
    const reason = 'HTTP 400: refused: InvalidPayload: The body is not an array of objects.';
    assert.deepEqual(classifySentinel(answer(400, PAYLOAD)), { kind: 'split', reason });
    assert.equal(classifySentinel(answer(413)).kind, 'split');
    assert.equal(classifySentinel(answer(400)).kind, 'split');
  });

  it('that refuses the settings pauses: no row would be spared', () => {
    for (const code of ['InvalidStream', 'InvalidApiVersion']) {
      assert.equal(classifySentinel(answer(400, { code, message: 'no' })).kind, 'pause', code);
      const named = answer(400, undefined, { 'x-ms-error-code': code });
      assert.equal(classifySentinel(named).kind, 'pause', code);
    }
    for (const status of [301, 404, 405, 415]) {
      assert.equal(classifySentinel(answer(status)).kind, 'pause', `${status}`);
    }
  });

  it('that refuses the token asks for another', () => {
    assert.equal(classifySentinel(answer(401)).kind, 'renew');
  });

  it('that misses the role says which, and how long it takes', () => {
    const outcome = classifySentinel(answer(403, { code: 'OperationFailed', message: 'no' }));
    assert.equal(outcome.kind, 'pause');
    assert.match(
      (outcome as { reason: string }).reason,
      /^HTTP 403: .*Monitoring Metrics Publisher.*30 minutes.*: OperationFailed: no$/,
    );
  });

  it('that asks for time gets it', () => {
    const { kind, ...rest } = classifySentinel(answer(429, undefined, { 'retry-after': '9' }));
    assert.equal(kind, 'retry');
    assert.partialDeepStrictEqual(rest, { afterMs: 9_000 });
    for (const status of [408, 500, 502, 503]) {
      assert.equal(classifySentinel(answer(status)).kind, 'retry', `${status}`);
    }
  });

  it('that is no JSON is shown as it is', () => {
    const outcome = classifySentinel({ ...answer(400), body: '<html>no</html>' });
    assert.deepEqual(outcome, { kind: 'split', reason: 'HTTP 400: refused: <html>no</html>' });
  });
});
