/**
 * The chain this process writes for one vantage: gives each event its place and its MAC. Owns the
 * tip and the key between commits; `Custody` puts both back when a commit fails.
 */
import { type EventBody, type LinkedRecord, linkRecord, ZERO_HASH } from '@vitrine/chain';
import type { Vantage } from '@vitrine/schema';
import type { SpoolChain } from '../spool/chain.ts';
import { Ratchet } from './ratchet.ts';

export interface LiveMark {
  seq: number;
  /** Base64. */
  prevText: string;
  key: Buffer;
}

export interface LiveChainOptions {
  stored: SpoolChain;
  /** 32 bytes; stays the caller's to erase. */
  macKey: Uint8Array;
  /** 16 fresh random bytes for each part. */
  salt: () => Buffer;
}

export class LiveChain {
  readonly stored: SpoolChain;
  readonly vantage: Vantage;
  /** Hex SHA-256 of the chain's first key. */
  readonly k0: string;
  readonly #session: string;
  readonly #shim: string;
  readonly #ratchet: Ratchet;
  readonly #salt: () => Buffer;
  #seq = 0;
  #prevText = ZERO_HASH.toString('base64');

  constructor({ stored, macKey, salt }: LiveChainOptions) {
    this.stored = stored;
    this.vantage = stored.vantage;
    this.#session = stored.session;
    this.#shim = stored.name.slice(stored.session.length + 1);
    this.#ratchet = new Ratchet(macKey, stored.name);
    this.k0 = this.#ratchet.commitment;
    this.#salt = salt;
  }

  /** The seq of the record that is made next. */
  get next(): number {
    return this.#seq;
  }

  /**
   * Throws ChainError, and nothing has changed, for an event that cannot become a record. What it
   * gives is good until the next one is made, by any chain.
   */
  make(event: EventBody): LinkedRecord {
    const place = {
      session: this.#session,
      shim: this.#shim,
      seq: this.#seq,
      prevText: this.#prevText,
    };
    return linkRecord(event, place, this.#salt);
  }

  /**
   * The record `make` gave last becomes the tip; returns its MAC, a character for each byte, whose
   * key is then gone.
   */
  accept({ view, seq, leafText }: LinkedRecord): string {
    const mac = this.#ratchet.next(view);
    this.#seq = seq + 1;
    this.#prevText = leafText;
    return mac;
  }

  mark(): LiveMark {
    return { seq: this.#seq, prevText: this.#prevText, key: this.#ratchet.mark() };
  }

  reset({ seq, prevText, key }: LiveMark): void {
    this.#seq = seq;
    this.#prevText = prevText;
    this.#ratchet.reset(key);
  }
}
