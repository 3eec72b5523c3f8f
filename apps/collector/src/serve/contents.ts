/**
 * Parts of records as they may be told: what the log has announced as redacted or expired is left
 * out, also while the store still has it.
 */
import { Coverage, type PartRow, type RecordRow, type Store } from '@vitrine/store';
import { chainName } from '../sequence/state.ts';

export type Parts = ReadonlyMap<string, Uint8Array>;

const NONE: Parts = new Map();

export class Contents {
  readonly #store: Pick<Store, 'pull' | 'erasure'>;
  readonly #log: string;
  readonly #size: () => number;
  readonly #coverage = new Coverage();
  #told = 0;

  constructor(store: Pick<Store, 'pull' | 'erasure'>, log: string, size: () => number) {
    this.#store = store;
    this.#log = log;
    this.#size = size;
  }

  /** Leaves below it have lost all parts. */
  async expiredBelow(): Promise<number> {
    await this.#learn();
    return this.#coverage.expiredBelow;
  }

  /**
   * How many of these rows, at least one, have parts that fit: they are read whole into memory.
   */
  async fitting(rows: readonly RecordRow[], bytesMax: number): Promise<number> {
    const sizes = await this.#store.pull.partBytes(this.#log, indicesOf(rows));
    let bytes = 0;
    let count = 0;
    for (const { idx } of rows) {
      bytes += sizes.get(idx) ?? 0;
      if (count > 0 && bytes > bytesMax) break;
      count++;
    }
    return count;
  }

  /** By leaf. */
  async of(rows: readonly RecordRow[]): Promise<(row: RecordRow) => Parts> {
    const found = await this.#store.pull.parts(this.#log, indicesOf(rows));
    // After the parts: what was announced meanwhile is not told any more.
    await this.#learn();
    const byLeaf = Map.groupBy(found, ({ idx }) => idx);
    return (row) => {
      const parts = byLeaf.get(row.idx);
      return parts === undefined ? NONE : this.#shown(row, parts);
    };
  }

  #shown({ idx, session, shim, seq }: RecordRow, parts: readonly PartRow[]): Parts {
    if (seq === null) return NONE;
    const chain = chainName(session, shim);
    const shown = parts.filter(({ name }) => {
      return this.#coverage.of(idx, chain, seq, name) === undefined;
    });
    return new Map(shown.map(({ name, data }) => [name, data]));
  }

  async #learn(): Promise<void> {
    const size = this.#size();
    this.#coverage.take(await this.#store.erasure.announced(this.#log, size, { from: this.#told }));
    this.#told = Math.max(this.#told, size);
  }
}

function indicesOf(rows: readonly RecordRow[]): number[] {
  return rows.filter(({ record }) => record.includes('"parts":{"')).map(({ idx }) => idx);
}
