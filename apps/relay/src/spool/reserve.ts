/**
 * Space of the spool's file system that is held for the relay's own records and for acks: without
 * it a full disk could never be emptied again, for what was pulled is only deleted when an ack of
 * it is on disk, and a relay that starts there could not say so.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SPOOL_RESERVE_BYTES } from '@vitrine/schema';

const NAME = 'reserve';

export class Reserve {
  readonly #path: string;
  #held: boolean;

  constructor(dir: string) {
    this.#path = join(dir, NAME);
    this.#held = existsSync(this.#path) && statSync(this.#path).size === SPOOL_RESERVE_BYTES;
  }

  /** While it is not, nobody but the relay itself may write. */
  get held(): boolean {
    return this.#held;
  }

  /** `false` where there is nothing to give. */
  release(): boolean {
    if (!this.#held) return false;
    unlinkSync(this.#path);
    this.#held = false;
    return true;
  }

  /** Takes the space again, if it is there. */
  restore(): void {
    if (this.#held) return;
    try {
      // No file system can store these bytes in less than they are.
      writeFileSync(this.#path, randomBytes(SPOOL_RESERVE_BYTES), { mode: 0o600, flush: true });
      this.#held = true;
    } catch {
      // Full, or not writable: then every commit says so itself.
      if (existsSync(this.#path)) unlinkSync(this.#path);
    }
  }
}
