/**
 * The chain this process writes for one vantage: gives each event its place and its MAC. Owns the
 * tip and the key between commits; `Custody` puts both back when a commit fails.
 */
import { type EventBody, type MadeRecord, makeRecord, ZERO_HASH } from '@vitrine/chain';
import type { Vantage } from '@vitrine/schema';
import type { SpoolChain } from '../spool/chain.ts';
import { Ratchet } from './ratchet.ts';

export interface LiveMark {
  seq: number;
  prev: Buffer;
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
  #prev: Buffer = ZERO_HASH;

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

  /** Throws ChainError, and nothing has changed, for an event that cannot become a record. */
  make(event: EventBody): MadeRecord {
    const place = {
      session: this.#session,
      shim: this.#shim,
      seq: this.#seq,
      prev: this.#prev,
    };
    return makeRecord(event, place, this.#salt);
  }

  /** The record `make` gave last becomes the tip; returns its MAC, whose key is then gone. */
  accept({ bytes, seq, leaf }: MadeRecord): Buffer {
    const mac = this.#ratchet.next(bytes);
    this.#seq = seq + 1;
    this.#prev = leaf;
    return mac;
  }

  mark(): LiveMark {
    return { seq: this.#seq, prev: this.#prev, key: this.#ratchet.mark() };
  }

  reset({ seq, prev, key }: LiveMark): void {
    this.#seq = seq;
    this.#prev = prev;
    this.#ratchet.reset(key);
  }
}
