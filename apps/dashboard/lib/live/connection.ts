/**
 * How the page's live connection is, for the header. Whoever follows a tail reports its states
 * here; the newest report counts.
 */
import type { TailState } from './tail.ts';

export type ConnectionState = TailState | { state: 'none' };

const NONE: ConnectionState = { state: 'none' };
let current: ConnectionState = NONE;
const listeners = new Set<() => void>();

export function reportConnection(state: ConnectionState): void {
  current = state;
  for (const listener of listeners) listener();
}

/** A page that stops following says so. */
export function endConnection(): void {
  reportConnection(NONE);
}

export function connectionState(): ConnectionState {
  return current;
}

export function onConnection(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
