/**
 * Rules over the committed rows of a log, in log order, one at a time: the same rows give the same
 * alerts however they are batched. No clock, no randomness, bounded state. What a session is (its
 * grants, hosts and credentials) is believed only from `<session>/sup`, which nothing in a sandbox
 * can write (LOG.md §2).
 */
import { BATCH_RECORDS_MAX, DETECT_SESSIONS_MAX, VANTAGES } from '@vitrine/schema';
import { type AlertDraft, draftAlert } from './alert.ts';
import type { DetectInput } from './input.ts';
import type { Rule } from './load.ts';
import { isOfKinds } from './metadata.ts';
import { SessionContext } from './session.ts';
import { Suppressor } from './suppress.ts';
import { EventView, vantageOf } from './view.ts';

/** The log's own chains: alerts, receipts, accesses. Detection never reads them. */
const OWN_SESSION = 'log';
const SUPERVISOR_SHIM = 'sup';
const KINDS_CACHED_MAX = 256;

export class Engine {
  #rules: Rule[] = [];
  /** Rules by kind of event; starts anew when it is full, for kinds come from outside. */
  #byKind = new Map<string, Rule[]>();
  /** In order of use; `undefined` for a session whose `open` was not seen. */
  readonly #sessions = new Map<string, SessionContext | undefined>();
  readonly #suppressor = new Suppressor();
  /**
   * Rows of the one session that came before its `open`: in a batch `<session>/sup` follows the
   * chains of the relay and of pushes (LOG.md §3, sorted by chain).
   */
  #early: DetectInput[] = [];

  constructor(rules: Rule[]) {
    this.replaceRules(rules);
  }

  /** Sessions and suppressions stay; a rule that keeps its id keeps its silence. */
  replaceRules(rules: Rule[]): void {
    this.#rules = rules;
    this.#byKind.clear();
  }

  /** Alerts this row completes, in the order of the rows they rest on. */
  observe(row: DetectInput): AlertDraft[] {
    const { session, shim, kind } = row;
    const other = this.#early.length > 0 && this.#early[0]!.session !== session;
    const alerts = other ? this.#release(undefined) : [];
    // Seals have no session.
    if (session === OWN_SESSION || session === '') return alerts;
    const supervised = shim === SUPERVISOR_SHIM;
    if (supervised && kind === 'open') {
      const context = new SessionContext(row.record);
      alerts.push(...this.#release(context));
      this.#know(session, context);
    }
    if (!this.#sessions.has(session) && supervised) {
      // `sup` begins with `open`: it was before what this engine has seen.
      alerts.push(...this.#release(undefined));
      this.#know(session, undefined);
    }
    if (!this.#sessions.has(session)) {
      this.#early.push(row);
      if (this.#early.length > BATCH_RECORDS_MAX) alerts.push(...this.#release(undefined));
      return alerts;
    }
    const context = this.#sessions.get(session);
    this.#know(session, context);
    alerts.push(...this.#evaluate(row, context));
    if (supervised && kind === 'close') {
      this.#sessions.delete(session);
      this.#suppressor.forget(session);
    }
    return alerts;
  }

  /** Evaluates the rows that waited for their session's `open`, with it or without. */
  #release(context: SessionContext | undefined): AlertDraft[] {
    const rows = this.#early;
    this.#early = [];
    if (rows[0] !== undefined) this.#know(rows[0].session, context);
    return rows.flatMap((row) => this.#evaluate(row, context));
  }

  #know(session: string, context: SessionContext | undefined): void {
    this.#sessions.delete(session);
    this.#sessions.set(session, context);
    if (this.#sessions.size <= DETECT_SESSIONS_MAX) return;
    for (const oldest of this.#sessions.keys()) {
      this.#sessions.delete(oldest);
      break;
    }
  }

  #evaluate(row: DetectInput, context: SessionContext | undefined): AlertDraft[] {
    const alerts: AlertDraft[] = [];
    for (const rule of this.#rulesOf(row.kind)) {
      const view = new EventView(row, context);
      if (!this.#isIndependent(rule, row) || !rule.matches(view)) continue;
      if (this.#suppressor.admit(rule, view)) alerts.push(draftAlert(rule, view));
    }
    return alerts;
  }

  #isIndependent({ vantage }: Rule, row: DetectInput): boolean {
    return vantage === undefined || VANTAGES.indexOf(vantageOf(row)) >= VANTAGES.indexOf(vantage);
  }

  #rulesOf(kind: string): Rule[] {
    const known = this.#byKind.get(kind);
    if (known !== undefined) return known;
    const rules = this.#rules.filter(({ kinds }) => kinds === undefined || isOfKinds(kind, kinds));
    if (this.#byKind.size >= KINDS_CACHED_MAX) this.#byKind.clear();
    this.#byKind.set(kind, rules);
    return rules;
  }
}
