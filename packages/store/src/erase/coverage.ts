/** Which record of the log says that a part is gone: a `redact` of it, or an `expire` beyond it. */
import type { Store } from '../store.ts';
import { type Announced, EVERY_PART, type Expire, type Redact } from './announced.ts';

export class Coverage {
  readonly #redacts = new Map<string, Redact>();
  /** By part name, or `*`: the one that reaches furthest. */
  readonly #expires = new Map<string, Expire>();

  constructor(list: readonly Announced[] = []) {
    this.take(list);
  }

  take(list: readonly Announced[]): void {
    for (const one of list) {
      if (one.kind === 'redact') {
        const key = keyOf(one.chain, one.seq, one.part);
        if (!this.#redacts.has(key)) this.#redacts.set(key, one);
      } else if (one.below > (this.#expires.get(one.part)?.below ?? 0)) {
        this.#expires.set(one.part, one);
      }
    }
  }

  /** The index below which all parts have expired. */
  get expiredBelow(): number {
    return this.#expires.get(EVERY_PART)?.below ?? 0;
  }

  /** What covers the part of the leaf at `idx`, which stands in `chain` at `seq`. */
  of(idx: number, chain: string, seq: number, part: string): Announced | undefined {
    const redact = this.#redacts.get(keyOf(chain, seq, part));
    if (redact !== undefined) return redact;
    for (const name of [part, EVERY_PART]) {
      const expire = this.#expires.get(name);
      if (expire !== undefined && idx < expire.below) return expire;
    }
    return undefined;
  }
}

function keyOf(chain: string, seq: number, part: string): string {
  return `${chain} ${seq} ${part}`;
}

/** Each call takes what was announced since the last one, below the size that holds by then. */
export function announcements(
  store: Store,
  log: string,
  coverage: Coverage,
  size: () => number,
): () => Promise<void> {
  let told = 0;
  return async () => {
    const end = size();
    coverage.take(await store.erasure.announced(log, end, { from: told }));
    told = end;
  };
}
