/**
 * Makes what a person does with an alert a record of `log/alert`. An answer means that the log has
 * the record: the queue is durable first, and the batch is published before anybody hears yes. Of
 * two who act on one alert at once, one is told that the other was faster.
 */
import {
  ALERT_ACTS_WAITING_MAX,
  ALERT_COMMENT_PART,
  ALERT_WAIT_MS_MAX,
  alertStanding,
  type JsonObject,
} from '@vitrine/schema';
import type { Actor, ActRequest } from '@vitrine/schema/api';
import type { AlertLast, RecordRow, Store } from '@vitrine/store';
import { ApiError } from '../api/errors.ts';
import type { Tail } from '../api/tail.ts';
import { within } from '../api/within.ts';
import type { Journal } from '../queue/journal.ts';
import type { Clock } from '../sequence/sequencer.ts';
import { OWN_SESSION } from '../sequence/state.ts';
import { type Standing, standingAfter } from './act.ts';

export interface TriageOptions {
  store: Pick<Store, 'alerts'>;
  log: string;
  journal: Pick<Journal, 'append'>;
  tail: Pick<Tail, 'follow'>;
  clock: Clock;
  /** Size of the published tree. */
  size: () => number;
  waitMsMax?: number;
}

export class Triage {
  readonly #options: TriageOptions;
  /** Alerts with an act on its way, by id. */
  readonly #underway = new Map<string, (row: RecordRow) => void>();

  constructor(options: TriageOptions) {
    this.#options = options;
    options.tail.follow({
      isOwn: true,
      take: (rows) => {
        for (const row of rows) if (isAct(row)) this.#arrived(row);
        return true;
      },
      end: () => {},
    });
  }

  /**
   * Resolves with the record as the log has it; `undefined` when the log did not have it in time:
   * it is in the queue then, and comes. Throws NOT_FOUND, STATE_CONFLICT, TOO_LARGE, NOT_READY.
   */
  async act(id: string, act: ActRequest, by: Actor): Promise<RecordRow | undefined> {
    if (this.#underway.has(id)) {
      const hint = 'read the alert again in a moment, then decide';
      throw new ApiError('STATE_CONFLICT', 'somebody else is changing this alert', hint);
    }
    if (this.#underway.size >= ALERT_ACTS_WAITING_MAX) {
      throw new ApiError('NOT_READY', 'too many changes wait for the log');
    }
    const published = new Promise<RecordRow>((resolve) => this.#underway.set(id, resolve));
    try {
      await this.#append(id, act, by);
    } catch (error) {
      this.#underway.delete(id);
      throw error;
    }
    return within(published, this.#options.waitMsMax ?? ALERT_WAIT_MS_MAX);
  }

  async #append(id: string, act: ActRequest, by: Actor): Promise<void> {
    const { store, log, journal, clock, size } = this.#options;
    const alert = await store.alerts.ofId(log, size(), id);
    if (alert === undefined) throw unknownAlert(id);
    const last = (await store.alerts.lastActs(log, size(), [id])).get(id);
    const before = standingOf(alert, last);
    const after = standingAfter(before, act);
    const fields: JsonObject = {
      alert: id,
      subject: alert.subject,
      target: { chain: 'log/alert', seq: alert.seq },
      after: before.seq,
      by,
      state: after.state,
      assignee: after.assignee,
      verdict: after.verdict,
    };
    const observed = String(clock.nowNs());
    const record = 'alert.state';
    const parts = act.comment === undefined ? {} : { [ALERT_COMMENT_PART]: act.comment };
    await journal.append({ kind: 'own', chain: 'alert', record, observed, fields, parts });
  }

  #arrived(row: RecordRow): void {
    const { alert } = JSON.parse(row.record) as JsonObject;
    const told = this.#underway.get(String(alert));
    this.#underway.delete(String(alert));
    told?.(row);
  }
}

/** Where an alert stands after the last act, if there is one. */
export function standingOf(alert: Pick<RecordRow, 'seq'>, last: AlertLast | undefined): Standing {
  const record = last === undefined ? {} : (JSON.parse(last.row.record) as JsonObject);
  const seq = last?.row.seq ?? alert.seq ?? 0;
  return { ...alertStanding(record), seq, acts: last?.acts ?? 0 };
}

export function unknownAlert(id: string): ApiError {
  return new ApiError('NOT_FOUND', `there is no alert ${id}`, '/v1/alerts lists them');
}

function isAct({ session, shim, kind }: RecordRow): boolean {
  return session === OWN_SESSION && shim === 'alert' && kind === 'alert.state';
}
