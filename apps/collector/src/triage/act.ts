/**
 * What a person asks to be done with an alert, and what that makes of its standing. Knows nothing
 * of the log: the form of a request, and which step may follow which.
 */
import {
  ALERT_ACTS_MAX,
  ALERT_ASSIGNEE_CHARS_MAX,
  ALERT_ASSIGNEE_NOBODY,
  ALERT_COMMENT_CHARS_MAX,
  ALERT_STATES,
  ALERT_VERDICTS,
  type AlertStanding,
  type AlertState,
  isObject,
} from '@vitrine/schema';
import type { ActRequest } from '@vitrine/schema/api';
import { ApiError } from '../api/errors.ts';

/** Where an alert stands, and which record says so. */
export interface Standing extends AlertStanding {
  /** Place in `log/alert` of the last act; of the alert itself where there is none. */
  seq: number;
  acts: number;
}

/** Reads the body of a request. Throws BAD_REQUEST. */
export function alertAct(body: unknown): ActRequest {
  const given = isObject(body) ? body : {};
  const { state, verdict, assignee, comment, expect, ...others } = given;
  const unknown = Object.keys(others)[0];
  if (unknown !== undefined) throw refused(`no member is named ${unknown}`);
  if (state === undefined && assignee === undefined && comment === undefined) {
    throw refused('give state, assignee or comment: nothing is asked for');
  }
  const act: ActRequest = {};
  if (state !== undefined) act.state = oneOf('state', ALERT_STATES, state);
  if (verdict !== undefined) act.verdict = oneOf('verdict', ALERT_VERDICTS, verdict);
  if ((act.state === 'closed') !== (act.verdict !== undefined)) {
    throw refused(`state closed and verdict go together: ${ALERT_VERDICTS.join(', ')}`);
  }
  if (assignee !== undefined) act.assignee = assignee === null ? null : nameOf(assignee);
  if (comment !== undefined) act.comment = commentOf(comment);
  if (expect !== undefined) act.expect = placeOf(expect);
  return act;
}

/**
 * The standing after the act. Throws STATE_CONFLICT where the alert is not where its asker saw it,
 * or where the step leads nowhere, and TOO_LARGE where it has too long a history.
 */
export function standingAfter(before: Standing, act: ActRequest): AlertStanding {
  const { state, assignee } = act;
  if (act.expect !== undefined && act.expect !== before.seq) {
    const said = `the alert has moved on: its last record has seq ${before.seq}`;
    throw new ApiError('STATE_CONFLICT', said, 'read the alert again, then send that as expect');
  }
  if (before.acts >= ALERT_ACTS_MAX) {
    const message = `this alert has ${before.acts} records of what was done with it, the most`;
    throw new ApiError('TOO_LARGE', message, 'go on in your case system');
  }
  if (state !== undefined && state === before.state) {
    throw new ApiError('STATE_CONFLICT', `the alert is ${state} already`, hintFrom(before.state));
  }
  if (state === 'acknowledged' && before.state === 'closed') {
    throw new ApiError('STATE_CONFLICT', 'the alert is closed', hintFrom('closed'));
  }
  const after = state ?? before.state;
  return {
    state: after,
    assignee: assignee === undefined ? before.assignee : assignee,
    verdict: after === 'closed' ? (act.verdict ?? before.verdict) : null,
  };
}

function hintFrom(state: AlertState): string {
  return state === 'closed' ? 'reopen it first: state open' : 'read the alert again';
}

function oneOf<T extends string>(name: string, known: readonly T[], value: unknown): T {
  const found = known.find((word) => word === value);
  if (found === undefined) throw refused(`${name} must be one of ${known.join(', ')}`);
  return found;
}

/** Names are shown beside other people's: nothing in one may hide or turn around what follows. */
const NAME = /^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}]+$/u;

function nameOf(value: unknown): string {
  const name = typeof value === 'string' && value.isWellFormed() ? value.trim() : '';
  if (!NAME.test(name) || name === ALERT_ASSIGNEE_NOBODY) {
    throw refused('assignee must be the name of a person, or null for nobody');
  }
  if ([...name].length > ALERT_ASSIGNEE_CHARS_MAX) {
    throw refused(`assignee has more than ${ALERT_ASSIGNEE_CHARS_MAX} characters`);
  }
  return name;
}

function commentOf(value: unknown): string {
  const text = typeof value === 'string' && value.isWellFormed() ? value.trim() : '';
  if (text === '') throw refused('comment must be a text');
  const length = [...text].length;
  if (length > ALERT_COMMENT_CHARS_MAX) {
    throw refused(`comment has ${length} characters, ${ALERT_COMMENT_CHARS_MAX} at most`);
  }
  return text;
}

function placeOf(value: unknown): number {
  if (Number.isSafeInteger(value) && Number(value) >= 0) return Number(value);
  throw refused('expect must be the seq of the last record of this alert');
}

function refused(message: string): ApiError {
  return new ApiError('BAD_REQUEST', message);
}
