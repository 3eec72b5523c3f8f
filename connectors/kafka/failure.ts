/**
 * What a failure of kafkajs means. It is read from the cause: `retriable` says `false` of a mere
 * refused connection once kafkajs has given up.
 */
import type { Io, Outcome } from '../kit/contract.ts';

export type KafkaFailure = Outcome & { kind: 'retry' | 'pause' | 'split' };

/** Protocol errors that a person has to repair, with what there is to do. */
const PAUSING: Record<string, string> = {
  TOPIC_AUTHORIZATION_FAILED: 'grant this user Write and Describe on the topic',
  CLUSTER_AUTHORIZATION_FAILED: 'grant this user what the cluster asks for',
  UNKNOWN_TOPIC_OR_PARTITION: 'create the topic; this connector makes none',
  INVALID_TOPIC_EXCEPTION: 'the cluster does not take this name of a topic',
  INVALID_REQUIRED_ACKS: 'the cluster refuses to acknowledge from all replicas',
  POLICY_VIOLATION: 'a policy of the cluster refuses it',
  UNSUPPORTED_VERSION: 'the cluster is too old',
  UNSUPPORTED_FOR_MESSAGE_FORMAT: 'set message.format.version of the topic to 0.11 or later',
  INVALID_TIMESTAMP:
    "the clocks of this machine and the cluster differ more than the topic's limit",
  SASL_AUTHENTICATION_FAILED: 'check sasl.username and sasl.password',
  UNSUPPORTED_SASL_MECHANISM: 'check sasl.mechanism',
  ILLEGAL_SASL_STATE: 'the port wants no SASL, or another kind of it: check sasl',
};
/** Something in the batch is refused; the answer does not say what. */
const REFUSING = ['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE', 'INVALID_RECORD'];

/** Whether the broker itself answered: the connection is then as good as before. */
export function isAnswer(error: unknown): boolean {
  return typeOf(error) !== undefined;
}

/** Whether a connection failed that was made or used; not one that the broker closed. */
export function isConnectionError(error: unknown): boolean {
  return causesOf(error).some(({ name }) => name === 'KafkaJSConnectionError');
}

/** `split` where something in the batch is refused; `retry` or `pause` in all else. */
export function failureOf(error: unknown, topic: string, io: Pick<Io, 'failure'>): KafkaFailure {
  const type = typeOf(error);
  const text = rootOf(error).message;
  if (type !== undefined) {
    const reason = `topic ${topic}: ${type}: ${text}`;
    const hint = PAUSING[type];
    if (hint !== undefined) return { kind: 'pause', reason: `${reason}; ${hint}` };
    if (!REFUSING.includes(type)) return again(reason);
    return { kind: 'split', reason: `${reason}; max.message.bytes of the topic may be too small` };
  }
  for (const { name } of causesOf(error)) {
    if (name === 'KafkaJSSASLAuthenticationError') {
      return { kind: 'pause', reason: `${text}; check sasl: mechanism, username and password` };
    }
    if (name === 'KafkaJSServerDoesNotSupportApiKey') {
      return { kind: 'pause', reason: `${text}; this is no broker of Kafka 0.11 or later` };
    }
    if (name === 'KafkaJSConnectionClosedError') {
      return again(`${text}; if it goes on, check that the port wants tls and sasl as set here`);
    }
  }
  const outcome = io.failure(error);
  if (outcome.kind === 'pause') return outcome;
  return again(outcome.kind === 'retry' ? outcome.reason : text);
}

/** Brokers refuse alerts by name: whatever else fails is no alert's fault. */
function again(reason: string): KafkaFailure {
  return { kind: 'retry', reason, unreachable: true };
}

/** Name of the broker's answer, where there is one (kafka.apache.org/protocol, "Error Codes"). */
function typeOf(error: unknown): string | undefined {
  for (const cause of causesOf(error)) {
    if ('type' in cause && typeof cause.type === 'string') return cause.type;
  }
  return undefined;
}

function rootOf(error: unknown): Error {
  return causesOf(error).at(-1) ?? new Error(String(error));
}

/** From the outermost inwards. */
function causesOf(error: unknown): Error[] {
  const causes: Error[] = [];
  let cause = error;
  while (cause instanceof Error && !causes.includes(cause)) {
    causes.push(cause);
    cause = cause.cause;
  }
  return causes;
}
