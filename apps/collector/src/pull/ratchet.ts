/**
 * The MAC chain of one relay chain as the host can compute it, for it keeps the first key. Whoever
 * takes the sandbox over later holds only a later key and cannot rewrite what is spooled
 * (pull.md).
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

const RATCHET_LABEL = 'opp1';

export class Ratchet {
  readonly #macKey: Buffer;
  readonly #chain: string;
  #seq = 0;
  #key: Buffer;

  constructor(macKey: Buffer, chain: string) {
    this.#macKey = macKey;
    this.#chain = chain;
    this.#key = hmac(macKey, chain);
  }

  /** Whether `mac` is the one of record `seq`; pages come in order, so keys mostly move forward. */
  verify(seq: number, record: Buffer, mac: Uint8Array): boolean {
    if (seq < this.#seq) {
      this.#seq = 0;
      this.#key = hmac(this.#macKey, this.#chain);
    }
    while (this.#seq < seq) {
      this.#key = hmac(this.#key, RATCHET_LABEL);
      this.#seq++;
    }
    const expected = hmac(this.#key, record);
    return mac.length === expected.length && timingSafeEqual(mac, expected);
  }
}

function hmac(key: Buffer, data: Buffer | string): Buffer {
  return createHmac('sha256', key).update(data).digest();
}
