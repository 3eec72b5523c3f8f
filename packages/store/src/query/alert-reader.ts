/** What the store answers about alerts and incidents; every method throws StoreError. */
import type { Incident } from '@vitrine/schema/api';
import type {
  AlertFilter,
  AlertLast,
  IncidentQuery,
  StoryContext,
  StoryPoint,
} from '../alert-row.ts';
import type { Connection } from '../client/connection.ts';
import type { RecordRow, RuleAlerts } from '../row.ts';
import { actsOf, alertOfId, alerts, lastActsOf, partTexts } from './alerts.ts';
import { incidents, rowsAt, storyContexts } from './incidents.ts';
import { ruleAlerts } from './rule-alerts.ts';

export class AlertReader {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  list(filter: AlertFilter): Promise<RecordRow[]> {
    return alerts(this.#connection, filter);
  }

  ofId(log: string, size: number, id: string): Promise<RecordRow | undefined> {
    return alertOfId(this.#connection, log, size, id);
  }

  /** The last act of each of these alerts that has one, by the alert's id. */
  lastActs(log: string, size: number, ids: readonly string[]): Promise<Map<string, AlertLast>> {
    return lastActsOf(this.#connection, log, size, ids);
  }

  /** The acts on one alert, oldest first, `ALERT_ACTS_MAX` at most. */
  acts(log: string, size: number, id: string): Promise<RecordRow[]> {
    return actsOf(this.#connection, log, size, id);
  }

  /** The part `name` of these leaves as UTF-8 text, as far as the store has it. */
  partTexts(log: string, name: string, indices: readonly number[]): Promise<Map<number, string>> {
    return partTexts(this.#connection, log, name, indices);
  }

  /** Alerts among these leaves, of each rule that has one; from `sinceNs` on by ten minutes. */
  ruleAlerts(
    log: string,
    leaves: { first: number; end: number },
    sinceNs: bigint,
  ): Promise<RuleAlerts[]> {
    return ruleAlerts(this.#connection, log, leaves, sinceNs);
  }

  /** The incident with the newest alert first. */
  incidents(query: IncidentQuery): Promise<Incident[]> {
    return incidents(this.#connection, query);
  }

  /** What stands around points of a session, by the makers' clocks. */
  storyContexts(
    log: string,
    size: number,
    session: string,
    points: readonly StoryPoint[],
  ): Promise<StoryContext[]> {
    return storyContexts(this.#connection, log, size, session, points);
  }

  /** The rows at these leaves, in order of index; those that are not there are left out. */
  rowsAt(log: string, size: number, indices: readonly number[]): Promise<RecordRow[]> {
    return rowsAt(this.#connection, log, size, indices);
  }
}
