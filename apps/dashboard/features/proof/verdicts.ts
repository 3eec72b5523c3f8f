/**
 * What full verifications in this page found about rows, so that a list shows it too. Kept by log,
 * index, leaf and what is no part of the record but was proven with it: a row that comes back with
 * another leaf or vantage is another row. Lost with the page.
 */
import type { EventItem } from '@vitrine/schema/api';

export type ProofOutcome = { proven: true } | { proven: false; reason: string };

type Arrived = 'vantage' | 'via' | 'sandbox' | 'peer' | 'observed';
type RowId = Pick<EventItem, 'log' | 'index' | 'leaf' | Arrived>;

const outcomes = new Map<string, ProofOutcome>();
const listeners = new Set<() => void>();
let version = 0;

export function outcomeOf(row: RowId): ProofOutcome | undefined {
  return outcomes.size === 0 ? undefined : outcomes.get(keyOf(row));
}

export function noteOutcome(row: RowId, outcome: ProofOutcome): void {
  outcomes.set(keyOf(row), outcome);
  changed();
}

/** After a change of the trusted keys nothing that was found before holds. */
export function forgetOutcomes(): void {
  outcomes.clear();
  changed();
}

export function onOutcome(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Another number after each change. */
export function outcomesVersion(): number {
  return version;
}

function changed(): void {
  version++;
  for (const listener of listeners) listener();
}

function keyOf({ log, index, leaf, vantage, via, sandbox, peer, observed }: RowId): string {
  return JSON.stringify([log, index, leaf, vantage, via, sandbox, peer, observed]);
}
