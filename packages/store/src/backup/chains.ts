/** Chains of a backup as far as they show which row was changed: by what its successor says. */
import type { WalkedRecord } from './walk.ts';

export interface Named {
  idx: number;
  place: string;
  what: string;
}

export class Chains {
  readonly #fromStart: boolean;
  readonly #tips = new Map<string, { idx: number; leaf: string }>();

  constructor(fromStart: boolean) {
    this.#fromStart = fromStart;
  }

  /** Moves the chains on; the first row that its successor contradicts. */
  take(first: number, records: readonly WalkedRecord[]): Named | undefined {
    let named: Named | undefined;
    for (const [i, { record, leaf }] of records.entries()) {
      const { session, shim, seq, prev } = record;
      if (typeof session !== 'string' || typeof shim !== 'string') continue;
      const chain = `${session}/${shim}`;
      const tip = this.#tips.get(chain);
      const known = tip !== undefined || (this.#fromStart && seq !== 0);
      if (known && tip?.leaf !== prev) {
        const idx = tip?.idx ?? first + i;
        const what = `of ${chain}: the next record of its chain names another hash`;
        named ??= { idx, place: `leaf ${idx}`, what };
      }
      this.#tips.set(chain, { idx: first + i, leaf: leaf.toString('base64') });
    }
    return named;
  }
}
