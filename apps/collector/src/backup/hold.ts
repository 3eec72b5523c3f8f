/**
 * Up to which size a verified backup holds the log: what is beyond it waits in the intent store,
 * so that a lost store loses nothing. It waits as long as backups are made at all: when none came
 * for as long as copies are kept, redacted content must not lie there either.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { replaceFile } from '../files.ts';

export class BackupHold {
  readonly #path: string;
  readonly #keepMs: number;
  #size = 0;
  #sinceMs = 0;

  /** `keepMs`: how long copies are kept; 0 when no backups are made. */
  constructor(path: string, keepMs: number) {
    this.#path = path;
    this.#keepMs = keepMs;
    if (keepMs === 0) return;
    if (!existsSync(path)) replaceFile(path, '0');
    this.#size = Number(readFileSync(path, 'utf8'));
    this.#sinceMs = statSync(path).mtimeMs;
  }

  /** Batches of the tree of this size need not wait for a backup. */
  get size(): number {
    const waits = this.#keepMs > 0 && Date.now() - this.#sinceMs < this.#keepMs;
    return waits ? this.#size : Number.POSITIVE_INFINITY;
  }

  /** A backup of the tree of `size` was verified. */
  take(size: number): void {
    if (this.#keepMs === 0) return;
    this.#size = Math.max(this.#size, size);
    replaceFile(this.#path, String(this.#size));
    this.#sinceMs = Date.now();
  }
}
