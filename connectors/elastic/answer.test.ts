import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ELASTIC_ANSWER_BYTES_MAX, ELASTIC_BULK_ALERTS_MAX } from '@vitrine/schema';
import type { HttpAnswer, Outcome } from '../kit/contract.ts';
import { classifyElastic } from './answer.ts';

function answer(status: number, body: unknown = '', headers = {}): HttpAnswer {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { status, headers, body: text, receivedAtMs: 0 };
}

const busy = {
  status: 429,
  error: { type: 'es_rejected_execution_exception', reason: 'rejected execution' },
};
const conflict = {
  status: 409,
  error: { type: 'version_conflict_engine_exception', reason: 'document already exists' },
};
const malformed = {
  status: 400,
  error: { type: 'document_parsing_exception', reason: 'failed to parse' },
};

function items(...list: object[]): Outcome {
  const made = list.map((item) => ({ create: item }));
  return classifyElastic(answer(200, { took: 3, errors: true, items: made }), list.length);
}

describe('a 200 of _bulk', () => {
  it('is a success when every item is, or was one before', () => {
    assert.deepEqual(items({ status: 201 }, conflict, { status: 200 }), {
      kind: 'ok',
      answer: 'HTTP 200: 2 created, 1 there already',
    });
  });

  it('hides refusals of single documents', () => {
    const reason = 'HTTP 200, item 400: document_parsing_exception: failed to parse';
    assert.deepEqual(items({ status: 201 }, conflict, busy, malformed), {
      kind: 'partial',
      answer: 'HTTP 200: 1 created, 1 there already, 1 to repeat, 1 refused',
      items: [
        { kind: 'ok' },
        { kind: 'ok' },
        {
          kind: 'retry',
          reason: 'HTTP 200, item 429: es_rejected_execution_exception: rejected execution',
        },
        { kind: 'dead', reason },
      ],
    });
  });

  it('is a failure that passes when nothing got through but may later', () => {
    assert.equal(items(busy, { status: 503 }).kind, 'retry');
    assert.equal(items(busy, malformed).kind, 'partial');
  });

  it('is a refusal where the document went to the failure store, for no search looks there', () => {
    const outcome = items({ status: 201, failure_store: 'used' }, { status: 201 });
    assert.equal(outcome.kind, 'partial');
    const [first, second] = (outcome as Extract<Outcome, { kind: 'partial' }>).items;
    assert.equal(first!.kind, 'dead');
    assert.match((first as { reason: string }).reason, /failure store/);
    assert.deepEqual(second, { kind: 'ok' });
    assert.deepEqual(items({ ...malformed, failure_store: 'failed' }).kind, 'partial');
    assert.equal(items({ status: 201, failure_store: 'not_applicable_or_unknown' }).kind, 'ok');
  });

  it('pauses when the stream is missing or may not be written to: no alert is at fault', () => {
    for (const [status, says] of [
      [403, /create_doc/],
      [404, /index template/],
    ] as const) {
      const error = { type: 'security_exception', reason: 'unauthorized' };
      const outcome = items({ status: 201 }, { status, error });
      assert.equal(outcome.kind, 'pause');
      assert.match((outcome as { reason: string }).reason, says);
    }
  });

  it('knows a conflict by its name: another 409 is tried again', () => {
    const error = { type: 'cluster_block_exception', reason: 'blocked' };
    assert.equal(items({ status: 409, error }).kind, 'retry');
  });

  it('with fewer or more items than were sent says nothing about any', () => {
    const one = answer(200, { errors: false, items: [{ create: { status: 201 } }] });
    assert.equal(classifyElastic(one, 2).kind, 'retry');
    assert.equal(classifyElastic(one, 1).kind, 'ok');
  });

  it('that is somebody else’s pauses', () => {
    for (const body of ['', '<html>', '{}', '[]', '{"items":3}', 'null']) {
      assert.equal(classifyElastic(answer(200, body), 1).kind, 'pause', body);
    }
    for (const item of [null, 7, {}, { index: { status: 201 } }]) {
      assert.equal(classifyElastic(answer(200, { items: [item] }), 1).kind, 'retry');
    }
  });
});

it('the longest answer to the largest request is read whole', () => {
  // All that `filter_path` leaves of an item, with a reason of 1,800 characters.
  const error = { ...malformed.error, reason: 'r'.repeat(1_800), caused_by: malformed.error };
  const list = Array.from({ length: ELASTIC_BULK_ALERTS_MAX }, () => ({
    create: { status: 400, error },
  }));
  const whole = answer(200, { errors: true, items: list });
  assert.ok(whole.body.length <= ELASTIC_ANSWER_BYTES_MAX, `${whole.body.length}`);
  assert.equal(classifyElastic(whole, ELASTIC_BULK_ALERTS_MAX).kind, 'partial');
  const long = { ...whole, body: whole.body.padEnd(ELASTIC_ANSWER_BYTES_MAX + 1).slice(1) };
  assert.equal(classifyElastic(long, 2).kind, 'split');
  assert.equal(classifyElastic(long, 1).kind, 'pause');
});

describe('another answer', () => {
  const cases: [number, Outcome['kind']][] = [
    [201, 'pause'],
    [302, 'pause'],
    [400, 'split'],
    [401, 'pause'],
    [403, 'pause'],
    [404, 'pause'],
    [406, 'pause'],
    [413, 'split'],
    [429, 'retry'],
    [500, 'retry'],
    [503, 'retry'],
  ];
  for (const [status, kind] of cases) {
    it(`${status} means ${kind}`, () => {
      assert.equal(classifyElastic(answer(status, { error: 'its words' }), 2).kind, kind);
    });
  }

  it('is told in its own words', () => {
    const error = { root_cause: [], type: 'illegal_argument_exception', reason: 'no newline' };
    assert.deepEqual(classifyElastic(answer(400, { error, status: 400 }), 1), {
      kind: 'split',
      reason: 'HTTP 400: illegal_argument_exception: no newline',
    });
  });
});
