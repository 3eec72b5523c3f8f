/**
 * Keeps one finding from becoming a thousand alerts: after an alert, the same rule is silent for
 * the same key of the same session, by the time the events themselves tell. Bounded: the oldest is
 * forgotten first.
 */
import { DETECT_ALERTS_PER_RULE_MAX, DETECT_SUPPRESSIONS_MAX, type Json } from '@vitrine/schema';
import type { Rule } from './rule.ts';
import { broken, listOf, numberOf, textOf } from './saved.ts';
import { fieldReader, heldText, isTime } from './view.ts';
import type { Finding } from './watch.ts';

export class Suppressor {
  /** Time of the last alert by key, in order of use. */
  readonly #last = new Map<string, bigint>();
  /** Alerts so far, by rule and session. */
  readonly #counts = new Map<string, number>();
  /** The keys of both by their session, so that its end costs what it had. */
  readonly #ofSession = new Map<string, Set<string>>();

  /**
   * True when the finding is to be an alert; notes that it is one. `isAcross`: its group is one
   * whichever session completes it.
   */
  admit(rule: Rule, { view, group }: Finding, isAcross: boolean): boolean {
    const { session, record } = view.row;
    const scope = JSON.stringify([session, rule.id]);
    const count = this.#counts.get(scope) ?? 0;
    // A sender that makes up a new key each time is held to one alert for the whole session.
    const many = count >= DETECT_ALERTS_PER_RULE_MAX;
    const values: unknown[] = many
      ? []
      : rule.suppress.by.map((name) => fieldReader(name)(view) ?? null);
    if (group !== undefined && !many) values.push(group);
    const place = isAcross && !many ? '' : session;
    const key = JSON.stringify([place, rule.id, many, heldText(JSON.stringify(values))]);
    const at = timeOf(record.t);
    const last = this.#last.get(key);
    if (last !== undefined && distance(at, last) < rule.suppress.forNs) return false;
    this.#remember(this.#last, key, at);
    this.#remember(this.#counts, scope, count + 1);
    return true;
  }

  save(): Json {
    return [[...this.#last].map(([key, at]) => [key, String(at)]), [...this.#counts]];
  }

  load(saved: Json | undefined): void {
    const [last, counts] = listOf(saved);
    for (const entry of listOf(last)) {
      const [key, at] = listOf(entry).map(textOf);
      this.#remember(this.#last, key ?? '', timeOf(at));
    }
    for (const entry of listOf(counts)) {
      const [scope, count] = listOf(entry);
      this.#remember(this.#counts, textOf(scope), numberOf(count));
    }
  }

  /** Nothing follows a session's end. */
  forget(session: string): void {
    for (const key of this.#ofSession.get(session) ?? []) {
      this.#last.delete(key);
      this.#counts.delete(key);
    }
    this.#ofSession.delete(session);
  }

  #remember<V>(map: Map<string, V>, key: string, value: V): void {
    if (!map.delete(key)) {
      const session = sessionIn(key);
      const keys = this.#ofSession.get(session);
      if (keys === undefined) this.#ofSession.set(session, new Set([key]));
      else keys.add(key);
    }
    map.set(key, value);
    if (map.size <= DETECT_SUPPRESSIONS_MAX) return;
    for (const oldest of map.keys()) {
      map.delete(oldest);
      const session = sessionIn(oldest);
      const keys = this.#ofSession.get(session);
      keys?.delete(oldest);
      if (keys?.size === 0) this.#ofSession.delete(session);
      break;
    }
  }
}

/** Every key is a list that begins with its session. */
function sessionIn(key: string): string {
  try {
    const [session] = listOf(JSON.parse(key));
    return textOf(session);
  } catch {
    return broken('a key of the silence is not one');
  }
}

/** A clock that steps back does not open the gate again. */
function distance(a: bigint, b: bigint): bigint {
  return a > b ? a - b : b - a;
}

function timeOf(t: unknown): bigint {
  return isTime(t) ? BigInt(t) : 0n;
}
