/** One event as a shim of ours makes it, before it has a number. */
import type { AttributeValue } from '@vitrine/schema';

export interface ShimEvent {
  /** A name of `EVENT_KINDS`; any other becomes kind `other` with everything in part `otlp`. */
  kind: string;
  /** Unix nanoseconds, decimal text. */
  t: string;
  /** Dotted names and their values. */
  attributes: Record<string, AttributeValue>;
}

/** The attribute that becomes part `name` of the record. */
export function partAttribute(name: string): string {
  return `vitrine.part.${name}`;
}

/** Now, by the clock of this machine, as unix nanoseconds in decimal text. */
export function nowNanos(): string {
  return String(BigInt(Date.now()) * 1_000_000n);
}
