/**
 * One puller at a time: two collectors that pull one relay would each acknowledge what the other
 * has not. Held in memory: a relay that restarts knows of no lease, and its puller asks anew.
 */
import { randomBytes } from 'node:crypto';
import { OPP_LEASE_MS_MAX, OPP_LEASE_MS_MIN } from '@vitrine/schema';
import { RelayError } from '../error.ts';

const LEASE_BYTES = 16;
const MS_PER_S = 1_000;

interface Held {
  puller: string;
  lease: string;
  ttlMs: number;
  /** Of `performance.now()`. */
  until: number;
}

/** Says who holds it and for how long, so that another puller knows when to come again. */
export class Leased extends RelayError {
  readonly holder: string;
  readonly expiresInMs: number;

  constructor(holder: string, expiresInMs: number) {
    const message = `${holder} pulls this relay`;
    super('LEASED', message, `try again in ${Math.ceil(expiresInMs / MS_PER_S)} s`);
    this.holder = holder;
    this.expiresInMs = expiresInMs;
  }
}

export class Lease {
  readonly #nowMs: () => number;
  #held: Held | undefined;

  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  /**
   * `puller` gets it at once when nobody has it, or when it is its own: a collector that restarts
   * does not wait for itself. Throws LEASED.
   */
  take(puller: string, ttlMs: number): { lease: string; ttlMs: number } {
    const held = this.#live();
    if (held !== undefined && held.puller !== puller) throw this.#leased(held);
    const bounded = Math.min(OPP_LEASE_MS_MAX, Math.max(OPP_LEASE_MS_MIN, ttlMs));
    const lease = randomBytes(LEASE_BYTES).toString('hex');
    this.#held = { puller, lease, ttlMs: bounded, until: this.#nowMs() + bounded };
    return { lease, ttlMs: bounded };
  }

  /**
   * Lets a request pass and prolongs its lease. Without a lease it passes as long as nobody holds
   * one. Throws LEASED, or LEASE_UNKNOWN for one that ran out or is of an earlier start.
   */
  check(lease: string | undefined): void {
    const held = this.#live();
    if (held !== undefined && held.lease === lease) {
      held.until = this.#nowMs() + held.ttlMs;
      return;
    }
    if (held !== undefined) throw this.#leased(held);
    if (lease === undefined) return;
    throw new RelayError('LEASE_UNKNOWN', 'this lease is not held any more', 'ask for a new one');
  }

  #live(): Held | undefined {
    if (this.#held !== undefined && this.#held.until <= this.#nowMs()) this.#held = undefined;
    return this.#held;
  }

  #leased({ puller, until }: Held): Leased {
    return new Leased(puller, Math.ceil(until - this.#nowMs()));
  }
}
