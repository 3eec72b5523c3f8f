/**
 * Rules over the committed rows of a log, in log order, one at a time: the same rows give the same
 * alerts however they are batched. No clock but that of the log's seals, no randomness, bounded
 * state. What a session is (its grants, hosts and credentials) is believed only from
 * `<session>/sup`, which nothing in a sandbox can write (LOG.md §2).
 */
import { BATCH_RECORDS_MAX, DETECT_SESSIONS_MAX, VANTAGES } from '@vitrine/schema';
import { type AlertDraft, draftAlert } from './alert.ts';
import type { DetectInput } from './input.ts';
import type { Rule } from './load.ts';
import { isOfKinds } from './metadata.ts';
import { type Finding, PairWatch } from './pairs/watch.ts';
import { SessionContext } from './session.ts';
import { Suppressor } from './suppress.ts';
import { EventView, timeMsOf, vantageOf } from './view.ts';

/** The log's own chains: alerts, receipts, accesses. Detection never reads them. */
const OWN_SESSION = 'log';
const SEAL = 'seal';
const SUPERVISOR_SHIM = 'sup';
const KINDS_CACHED_MAX = 256;

/** A rule about two records, with what it remembers. */
interface Watched {
  rule: Rule;
  watch: PairWatch;
}

interface Asked {
  /** Rules that may select a record of a kind. */
  rules: Rule[];
  /** Rules for which it may be the partner. */
  partners: Watched[];
}

export class Engine {
  #rules: Rule[] = [];
  /** By rule id. */
  #watched = new Map<string, Watched>();
  /** Rules by kind of event; starts anew when it is full, for kinds come from outside. */
  #byKind = new Map<string, Asked>();
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

  /**
   * Sessions and suppressions stay; a rule that keeps its id keeps its silence, and one whose file
   * is the same what it remembers.
   */
  replaceRules(rules: Rule[]): void {
    const before = this.#watched;
    this.#rules = rules;
    this.#watched = new Map();
    this.#byKind.clear();
    for (const rule of rules) {
      if (rule.pairing === undefined) continue;
      const known = before.get(rule.id);
      const watch =
        known?.rule.text === rule.text
          ? known.watch
          : new PairWatch(rule.pairing, membersShown(rule));
      this.#watched.set(rule.id, { rule, watch });
    }
  }

  /** Records that rules forgot before their time to keep their bounds, by rule id. */
  get evicted(): Record<string, number> {
    const counts = [...this.#watched.values()].map(({ rule, watch }) => [rule.id, watch.evicted]);
    return Object.fromEntries(counts.filter(([, count]) => count !== 0));
  }

  /** Alerts this row completes, in the order of the rows they rest on. */
  observe(row: DetectInput): AlertDraft[] {
    const { session, shim, kind } = row;
    const other = this.#early.length > 0 && this.#early[0]!.session !== session;
    const alerts = other ? this.#release(undefined) : [];
    if (session === OWN_SESSION) {
      if (kind === SEAL) alerts.push(...this.#tick(row));
      return alerts;
    }
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
      for (const watched of this.#watched.values()) {
        alerts.push(...this.#alerts(watched.rule, watched.watch.close(session)));
      }
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
    const { rules, partners } = this.#askedOf(row.kind);
    const view = new EventView(row, context);
    const alerts: AlertDraft[] = [];
    for (const rule of rules) {
      if (!this.#isIndependent(rule, row) || !rule.matches(view)) continue;
      const watched = rule.pairing === undefined ? undefined : this.#watched.get(rule.id);
      const found = watched === undefined ? [{ view, other: undefined }] : watched.watch.own(view);
      alerts.push(...this.#alerts(rule, found));
    }
    for (const { rule, watch } of partners) {
      alerts.push(...this.#alerts(rule, watch.partner(view)));
    }
    return alerts;
  }

  #alerts(rule: Rule, findings: Finding[]): AlertDraft[] {
    return findings
      .filter(({ view }) => this.#suppressor.admit(rule, view))
      .map(({ view, other }) => draftAlert(rule, view, other));
  }

  #tick(seal: DetectInput): AlertDraft[] {
    const nowMs = timeMsOf(seal);
    return [...this.#watched.values()].flatMap(({ rule, watch }) =>
      this.#alerts(rule, watch.tick(nowMs)),
    );
  }

  #isIndependent({ vantage }: Rule, row: DetectInput): boolean {
    return vantage === undefined || VANTAGES.indexOf(vantageOf(row)) >= VANTAGES.indexOf(vantage);
  }

  #askedOf(kind: string): Asked {
    const known = this.#byKind.get(kind);
    if (known !== undefined) return known;
    const asked = {
      rules: this.#rules.filter(({ kinds }) => kinds === undefined || isOfKinds(kind, kinds)),
      partners: [...this.#watched.values()].filter(({ rule }) => rule.pairing!.concerns(kind)),
    };
    if (this.#byKind.size >= KINDS_CACHED_MAX) this.#byKind.clear();
    this.#byKind.set(kind, asked);
    return asked;
  }
}

/** Members of a record that an alert of the rule repeats or is told apart by. */
function membersShown({ fields, suppress, what }: Rule): Set<string> {
  const filled = [...what.matchAll(/\{([a-z0-9_.]+)\}/g)].map(([, name]) => name!);
  return new Set([...fields, ...suppress.by, ...filled]);
}
