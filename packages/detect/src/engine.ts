/**
 * Rules over the committed rows of a log, in log order, one at a time: the same rows give the same
 * alerts however they are batched. No clock but that of the log's seals, no randomness, bounded
 * state. What a session is (its grants, hosts and credentials) is believed only from
 * `<session>/sup`, which nothing in a sandbox can write (LOG.md §2).
 */
import {
  BATCH_RECORDS_MAX,
  DETECT_HELD_MAX,
  DETECT_SESSIONS_MAX,
  type JsonObject,
} from '@vitrine/schema';
import { type AlertDraft, draftAlert } from './alert.ts';
import type { DetectInput } from './input.ts';
import { hasKind } from './kinds.ts';
import type { Rule } from './rule.ts';
import { SessionContext } from './session.ts';
import { type Resumed, resumeFrom, snapshotOf } from './snapshot.ts';
import { Suppressor } from './suppress.ts';
import { EventView, timeMsOf } from './view.ts';
import { type Finding, NONE, type Watch } from './watch.ts';

/** The log's own chains: alerts, receipts, accesses. Detection never reads them. */
const OWN_SESSION = 'log';
const SEAL = 'seal';
const SUPERVISOR_SHIM = 'sup';
const KINDS_CACHED_MAX = 256;

/** A rule at work, with what it remembers. */
export interface Running {
  rule: Rule;
  watch: Watch | undefined;
}

/** Ids of rules. */
export interface RuleChanges {
  added: string[];
  removed: string[];
  /** Their file, or a filter of theirs, is another one: they remember nothing. */
  changed: string[];
  kept: string[];
}

export class Engine {
  /** By rule id, in the order given. */
  #running = new Map<string, Running>();
  /** Those that remember. */
  #watched: Running[] = [];
  /** Rules by kind of event; starts anew when it is full, for kinds come from outside. */
  #byKind = new Map<string, readonly Running[]>();
  /** In order of use; `undefined` for a session whose `open` was not seen. */
  readonly #sessions = new Map<string, SessionContext | undefined>();
  #newest: string | undefined;
  readonly #suppressor = new Suppressor();
  /**
   * Rows of the one session that came before its `open`: in a batch `<session>/sup` follows the
   * chains of the relay and of pushes (LOG.md §3, sorted by chain).
   */
  #early: DetectInput[] = [];

  constructor(rules: readonly Rule[]) {
    this.replace(rules);
  }

  /**
   * Sessions and suppressions stay; a rule that keeps its id keeps its silence, and one that is the
   * same (`hash`) what it remembers.
   */
  replace(rules: readonly Rule[]): RuleChanges {
    const before = this.#running;
    const changes: RuleChanges = { added: [], removed: [], changed: [], kept: [] };
    this.#running = new Map();
    this.#byKind.clear();
    for (const rule of rules) {
      const known = before.get(rule.id);
      const isSame = known?.rule.hash === rule.hash;
      const to = known === undefined ? changes.added : isSame ? changes.kept : changes.changed;
      to.push(rule.id);
      this.#running.set(rule.id, isSame ? known : { rule, watch: rule.watch?.() });
    }
    changes.removed = [...before.keys()].filter((id) => !this.#running.has(id));
    this.#watched = [...this.#running.values()].filter(({ watch }) => watch !== undefined);
    return changes;
  }

  /** Records that rules forgot before their time to keep their bounds, by rule id. */
  get evicted(): Record<string, number> {
    const counts = this.#watched.map(({ rule, watch }) => [rule.id, watch!.evicted]);
    return Object.fromEntries(counts.filter(([, count]) => count !== 0));
  }

  /** All that it remembers, as JSON that nothing alters later; numbers may have fractions. */
  snapshot(): JsonObject {
    return snapshotOf({
      sessions: this.#sessions,
      early: this.#early,
      suppressor: this.#suppressor,
      running: this.#running,
    });
  }

  /**
   * Goes on from a snapshot, in an engine that has seen nothing. What the state of a rule was whose
   * file has changed since is dropped. Throws SNAPSHOT_INVALID, and is of no use then.
   */
  restore(snapshot: unknown): Resumed {
    const { early, resumed } = resumeFrom(snapshot, {
      sessions: this.#sessions,
      suppressor: this.#suppressor,
      running: this.#running,
    });
    this.#early = early;
    this.#newest = undefined;
    return resumed;
  }

  /** Alerts this row completes, in the order of the rows they rest on. */
  observe(row: DetectInput): AlertDraft[] {
    const { session, shim, kind } = row;
    const alerts: AlertDraft[] = [];
    if (this.#early.length > 0 && this.#early[0]!.session !== session) {
      this.#release(undefined, alerts);
    }
    if (session === OWN_SESSION) {
      if (kind === SEAL) this.#tick(row, alerts);
      return alerts;
    }
    const supervised = shim === SUPERVISOR_SHIM;
    if (supervised && kind === 'open') {
      const context = new SessionContext(row.record);
      this.#release(context, alerts);
      this.#know(session, context);
    }
    if (!this.#sessions.has(session) && supervised) {
      // `sup` begins with `open`: it was before what this engine has seen.
      this.#release(undefined, alerts);
      this.#know(session, undefined);
    }
    if (!this.#sessions.has(session)) {
      this.#early.push(row);
      if (this.#early.length > BATCH_RECORDS_MAX) this.#release(undefined, alerts);
      return alerts;
    }
    const context = this.#sessions.get(session);
    this.#know(session, context);
    this.#evaluate(row, context, alerts);
    if (supervised && kind === 'close') this.#close(session, alerts);
    return alerts;
  }

  /** Evaluates the rows that waited for their session's `open`, with it or without. */
  #release(context: SessionContext | undefined, alerts: AlertDraft[]): void {
    const rows = this.#early;
    if (rows.length === 0) return;
    this.#early = [];
    this.#know(rows[0]!.session, context);
    for (const row of rows) this.#evaluate(row, context, alerts);
  }

  #know(session: string, context: SessionContext | undefined): void {
    if (this.#newest === session && this.#sessions.get(session) === context) return;
    this.#newest = session;
    this.#sessions.delete(session);
    this.#sessions.set(session, context);
    if (this.#sessions.size <= DETECT_SESSIONS_MAX) return;
    for (const oldest of this.#sessions.keys()) {
      this.#sessions.delete(oldest);
      break;
    }
  }

  #evaluate(row: DetectInput, context: SessionContext | undefined, alerts: AlertDraft[]): void {
    const asked = this.#askedOf(row.kind);
    if (asked.length === 0) return;
    const view = new EventView(row, context);
    for (const running of asked) {
      const { rule, watch } = running;
      if (watch !== undefined) this.#draft(running, watch.feed(view), alerts);
      else if (rule.selects(view)) this.#draft(running, [{ view, others: NONE }], alerts);
    }
  }

  #close(session: string, alerts: AlertDraft[]): void {
    for (const running of this.#watched) {
      this.#draft(running, running.watch!.close(session), alerts);
    }
    this.#sessions.delete(session);
    this.#suppressor.forget(session);
    if (this.#newest === session) this.#newest = undefined;
  }

  #tick(seal: DetectInput, alerts: AlertDraft[]): void {
    const sealMs = timeMsOf(seal);
    for (const running of this.#watched) {
      this.#draft(running, running.watch!.tick(sealMs), alerts);
    }
    this.#bound(alerts);
  }

  /**
   * All rules together have a bound as well; the one that holds most forgets first. Asked with each
   * seal, so that it is the same after a restart, and between two there is no more than a batch.
   */
  #bound(alerts: AlertDraft[]): void {
    let held = this.#watched.reduce((sum, { watch }) => sum + watch!.held, 0);
    while (held > DETECT_HELD_MAX) {
      let [fullest] = this.#watched as [Running];
      for (const one of this.#watched) if (one.watch!.held > fullest.watch!.held) fullest = one;
      const before = fullest.watch!.held;
      this.#draft(fullest, fullest.watch!.shed(), alerts);
      held += fullest.watch!.held - before;
    }
  }

  #draft({ rule, watch }: Running, found: readonly Finding[], alerts: AlertDraft[]): void {
    for (const finding of found) {
      if (!this.#suppressor.admit(rule, finding, watch?.isAcross ?? false)) continue;
      alerts.push(draftAlert(rule, finding));
    }
  }

  #askedOf(kind: string): readonly Running[] {
    const known = this.#byKind.get(kind);
    if (known !== undefined) return known;
    const asked = [...this.#running.values()].filter(({ rule }) => hasKind(rule.asks, kind));
    if (this.#byKind.size >= KINDS_CACHED_MAX) this.#byKind.clear();
    this.#byKind.set(kind, asked);
    return asked;
  }
}
