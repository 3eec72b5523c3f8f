import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import kafkajs from 'kafkajs';
import { ConnectorError } from '../kit/error.ts';
import { failureOf, isAnswer } from './failure.ts';

/** As the kit judges errors of sockets. */
const io = {
  failure: (error: unknown) =>
    error instanceof ConnectorError
      ? ({ kind: 'pause', reason: `${error.code}` } as const)
      : ({ kind: 'retry', reason: String(error) } as const),
};
const judged = (error: unknown) => failureOf(error, 'alerts', io);

/** An error of kafkajs, whose constructors its types do not tell. */
function named(name: string, message: string, members: object = {}): Error {
  return Object.assign(new Error(message), { name, ...members });
}

/** As kafkajs hands it on once it has given up. */
function givenUp(cause: Error): Error & { retriable: boolean } {
  return Object.assign(new kafkajs.KafkaJSNonRetriableError(cause), { cause });
}

/** What a broker answered. */
function answered(type: string): Error {
  return givenUp(named('KafkaJSProtocolError', 'the broker says no', { type }));
}

describe('a failure of kafkajs', () => {
  it('that a person has to repair pauses, and says what to do', () => {
    const hints: Record<string, RegExp> = {
      UNKNOWN_TOPIC_OR_PARTITION: /create the topic/,
      TOPIC_AUTHORIZATION_FAILED: /grant this user Write/,
      SASL_AUTHENTICATION_FAILED: /check sasl/,
    };
    for (const [type, hint] of Object.entries(hints)) {
      const outcome = judged(answered(type));
      assert.equal(outcome.kind, 'pause');
      assert.match(outcome.reason, new RegExp(`topic alerts: ${type}: the broker says no`));
      assert.match(outcome.reason, hint);
    }
    const refused = named('KafkaJSSASLAuthenticationError', 'no such user');
    assert.equal(judged(givenUp(refused)).kind, 'pause');
  });

  it('that passes is tried again, whatever `retriable` says of it', () => {
    for (const type of ['NOT_LEADER_FOR_PARTITION', 'NOT_ENOUGH_REPLICAS', 'A_NEW_ONE']) {
      assert.equal(judged(answered(type)).kind, 'retry');
    }
    const error = givenUp(named('KafkaJSConnectionError', 'connect ECONNREFUSED'));
    assert.equal(error.retriable, false);
    assert.equal(judged(error).kind, 'retry');
    assert.equal(judged(new TypeError('metadata of null')).kind, 'retry');
    assert.equal(judged('thrown text').kind, 'retry');
  });

  it('about what was sent asks for a smaller batch', () => {
    for (const type of ['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE', 'INVALID_RECORD']) {
      assert.equal(judged(answered(type)).kind, 'split');
    }
  });

  it('of our own guard is judged by the kit', () => {
    const refusal = new ConnectorError('EGRESS_REFUSED', 'not allowed', 'allow it');
    assert.deepEqual(judged(refusal), { kind: 'pause', reason: 'EGRESS_REFUSED' });
  });

  it('is an answer of the broker only when the broker answered', () => {
    assert.equal(isAnswer(answered('MESSAGE_TOO_LARGE')), true);
    for (const error of [named('KafkaJSConnectionError', 'x'), new Error('y'), 7]) {
      assert.equal(isAnswer(error), false);
    }
  });

  it('that goes in circles is read once', () => {
    const error = new Error('round');
    error.cause = error;
    assert.equal(judged(error).kind, 'retry');
  });
});
