/**
 * Where an alert stands, as people leave it: the members of an `alert.state` record of `log/alert`
 * (LOG.md §2). Each such record says the whole standing after the act, so that the last one of an
 * alert is enough to know it. Depends on nothing else.
 */
import { isObject, type JsonObject } from './json.ts';

export const ALERT_STATES = ['open', 'acknowledged', 'closed'] as const;
export type AlertState = (typeof ALERT_STATES)[number];

/** What an alert turned out to be; `benign_positive`: it happened, and was allowed. */
export const ALERT_VERDICTS = ['true_positive', 'false_positive', 'benign_positive'] as const;
export type AlertVerdict = (typeof ALERT_VERDICTS)[number];

/** Stands for nobody where alerts are asked for by assignee: no person's name. */
export const ALERT_ASSIGNEE_NOBODY = '-';

export interface AlertStanding {
  state: AlertState;
  /** Name of a person, as it was given. */
  assignee: string | null;
  /** Of a closed alert alone. */
  verdict: AlertVerdict | null;
}

/** Of an alert that nobody has touched. */
export const ALERT_STANDING_FIRST: AlertStanding = { state: 'open', assignee: null, verdict: null };

/** The standing that a record says; whatever has another form counts as untouched. */
export function alertStanding(record: JsonObject): AlertStanding {
  const { state, assignee, verdict } = record;
  return {
    state: ALERT_STATES.find((known) => known === state) ?? 'open',
    assignee: typeof assignee === 'string' ? assignee : null,
    verdict: ALERT_VERDICTS.find((known) => known === verdict) ?? null,
  };
}

/** Whether the record carries a comment, be it readable or not. */
export function hasComment({ parts }: JsonObject): boolean {
  return isObject(parts) && Object.hasOwn(parts, ALERT_COMMENT_PART);
}

/** The part that holds the text of a comment, in UTF-8. */
export const ALERT_COMMENT_PART = 'comment';
