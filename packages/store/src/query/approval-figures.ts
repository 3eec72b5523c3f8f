/**
 * Decisions with who made them and how long it took, and figures of some of them. How long somebody
 * waited is what the decision states, or what was told of the wait that ended with it, or the time
 * since the request of the same tool call, or since a request right before it in its session.
 */
import { APPROVAL_FAST_MS } from '@vitrine/schema';
import type { ApprovalFigures } from '@vitrine/schema/api';
import { type ApprovalRow, DECISION, REQUEST, type Wait } from './approval-rows.ts';

export interface Decided extends ApprovalRow {
  /** A person where the source says so: `user`, `user_temporary`, `user_reject` and their like. */
  by: 'human' | 'automatic' | 'unsaid';
  /** Milliseconds; `null` where nobody can know. */
  waited: number | null;
}

const ACCEPTED = new Set(['accept', 'allow', 'approve']);
const REFUSED = new Set(['reject', 'deny', 'decline', 'abort', 'cancel']);
/** A wait and its decision are told by two clocks of one program, within a millisecond. */
const SAME_NS = 100_000_000n;
const NS_PER_MS = 1e6;
const NS_PER_HOUR = 3_600_000_000_000n;

export function isAccepted({ value }: Decided): boolean {
  return ACCEPTED.has(value);
}

/** `rows` by session, and by time in each. */
export function decidedOf(rows: readonly ApprovalRow[], waits: readonly Wait[]): Decided[] {
  const told = new Waits(waits);
  const asked = new Map<string, ApprovalRow>();
  let before: ApprovalRow | undefined;
  return rows.flatMap((row): Decided[] => {
    const last = before?.session === row.session ? before : undefined;
    before = row;
    const call = `${row.session} ${row.useId}`;
    if (row.kind === REQUEST) {
      if (row.useId !== '') asked.set(call, row);
      return [];
    }
    if (row.kind !== DECISION) return [];
    const named = row.useId === '' ? undefined : asked.get(call);
    asked.delete(call);
    const isNext = last?.kind === REQUEST && !contradicts(last, row);
    const request = named ?? (isNext ? last : undefined);
    const since = request === undefined ? null : Number(row.t - request.t) / NS_PER_MS;
    return [{ ...row, by: decider(row), waited: row.stated ?? told.of(row) ?? since }];
  });
}

/** Waits by what was decided; each belongs to one decision. */
class Waits {
  readonly #waits: Map<string, Wait[]>;
  readonly #taken = new Set<Wait>();

  constructor(waits: readonly Wait[]) {
    const ordered = waits.toSorted((a, b) => (a.end < b.end ? -1 : Number(a.end > b.end)));
    this.#waits = Map.groupBy(ordered, keyOf);
  }

  /** Milliseconds of the first free one that ended with this decision. */
  of(row: ApprovalRow): number | null {
    const waits = this.#waits.get(keyOf(row)) ?? [];
    let [low, high] = [0, waits.length];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (waits[middle]!.end < row.t - SAME_NS) low = middle + 1;
      else high = middle;
    }
    for (let wait = waits[low]; wait !== undefined; wait = waits[++low]) {
      if (wait.end > row.t + SAME_NS) return null;
      if (this.#taken.has(wait)) continue;
      this.#taken.add(wait);
      return wait.ms;
    }
    return null;
  }
}

function keyOf({ session, value, source }: Pick<Wait, 'session' | 'value' | 'source'>): string {
  return JSON.stringify([session, value, source]);
}

/** A request of another call is none of this one. */
function contradicts(request: ApprovalRow, { useId, tool }: ApprovalRow): boolean {
  const otherCall = request.useId !== '' && useId !== '' && request.useId !== useId;
  return otherCall || (request.tool !== '' && tool !== '' && request.tool !== tool);
}

function decider({ source }: ApprovalRow): Decided['by'] {
  if (source === '') return 'unsaid';
  return /^user(_|$)/.test(source) ? 'human' : 'automatic';
}

export function figuresOf(rows: readonly Decided[]): ApprovalFigures {
  const human = rows.filter(({ by }) => by === 'human');
  const accepted = human.filter(isAccepted).length;
  const refused = human.filter(({ value }) => REFUSED.has(value)).length;
  const hours = new Set(human.map(({ t }) => t / NS_PER_HOUR)).size;
  const times = rows.map(({ t }) => t).sort((a, b) => (a < b ? -1 : Number(a > b)));
  return {
    decisions: rows.length,
    human: human.length,
    automatic: rows.filter(({ by }) => by === 'automatic').length,
    unsaid: rows.filter(({ by }) => by === 'unsaid').length,
    accepted,
    refused,
    ratio: accepted + refused === 0 ? null : accepted / (accepted + refused),
    per_hour: hours === 0 ? null : human.length / hours,
    waited_ms: waitedOf(human),
    first_t: String(times[0]),
    last_t: String(times.at(-1)),
    vantages: Object.fromEntries(
      [...Map.groupBy(rows, ({ vantage }) => vantage)].map(([name, some]) => [name, some.length]),
    ),
  };
}

function waitedOf(human: readonly Decided[]): ApprovalFigures['waited_ms'] {
  const known = human.flatMap(({ waited }) => (waited === null ? [] : [waited]));
  if (known.length === 0) return null;
  const fast = known.filter((ms) => ms < APPROVAL_FAST_MS).length;
  return { known: known.length, p50: median(known), p95: quantile(known, 0.95), fast };
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The smallest value that this share of all does not exceed (nearest rank). */
function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;
}
