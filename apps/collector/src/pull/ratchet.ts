/**
 * The MAC chain of one relay chain as the host can compute it, for it keeps the first key. Whoever
 * takes the sandbox over later holds only a later key and cannot rewrite what is spooled
 * (pull.md).
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';

const RATCHET_LABEL = 'opp1';
/** Some 2 ms: everybody else waits meanwhile. */
const KEYS_PER_TURN = 500;

/** The key of the record `seq`. */
interface Key {
  seq: number;
  key: Buffer;
}

export class Ratchet {
  readonly #first: Key;
  /** Of the page that is being followed: it may come again. */
  #page: Key;
  #at: Key;

  constructor(macKey: Buffer, chain: string) {
    this.#first = { seq: 0, key: hmac(macKey, chain) };
    this.#page = this.#first;
    this.#at = this.#first;
  }

  /**
   * Goes to where a page begins. After a start, or for a relay that goes back, that is a key for
   * each record of the chain: they are made some at a time.
   */
  async reach(seq: number): Promise<void> {
    this.#back(seq);
    while (this.#at.seq < seq) {
      this.#forth(Math.min(seq, this.#at.seq + KEYS_PER_TURN));
      if (this.#at.seq < seq) await nextTurn();
    }
    this.#page = this.#at;
  }

  /** Whether `mac` is the one of record `seq`; pages come in order, so keys mostly move forward. */
  verify(seq: number, record: Buffer, mac: Uint8Array): boolean {
    this.#back(seq);
    this.#forth(seq);
    const expected = hmac(this.#at.key, record);
    return mac.length === expected.length && timingSafeEqual(mac, expected);
  }

  #back(seq: number): void {
    if (seq >= this.#at.seq) return;
    this.#at = seq >= this.#page.seq ? this.#page : this.#first;
  }

  #forth(seq: number): void {
    let { key } = this.#at;
    if (this.#at.seq >= seq) return;
    for (let at = this.#at.seq; at < seq; at++) key = hmac(key, RATCHET_LABEL);
    this.#at = { seq, key };
  }
}

function hmac(key: Buffer, data: Buffer | string): Buffer {
  return createHmac('sha256', key).update(data).digest();
}
