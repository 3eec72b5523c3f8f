/**
 * The leaves that say why parts are missing from a bundle: `redact` and `expire` records, and where
 * an `expire` must be shown to reach a record, a later record of that chain (LOG.md §5, step 8).
 */
import { isObject, type JsonObject } from '@vitrine/schema';
import { type Announced, Coverage } from '@vitrine/store';

export interface CoveredRow {
  idx: number;
  seq: number;
  record: string;
}

/** A leaf to be attached with its proof. */
export interface CoveringLeaf {
  idx: number;
  record: string;
}

export class Covering {
  readonly #coverage: Coverage;
  readonly #leaves = new Map<number, CoveringLeaf>();
  /** Parts that are missing and that nothing covers. */
  uncovered = 0;

  /** `list` is what the log has announced below the size of the bundle's tree. */
  constructor(list: readonly Announced[]) {
    this.#coverage = new Coverage(list);
  }

  /** In order of index. */
  get leaves(): CoveringLeaf[] {
    return [...this.#leaves.values()].sort((a, b) => a.idx - b.idx);
  }

  /** One chain by its records in order, and the parts that will be in the bundle. */
  take(
    chain: string,
    rows: readonly CoveredRow[],
    given: readonly { idx: number; name: string }[],
  ) {
    const present = new Set(given.map(({ idx, name }) => `${idx}/${name}`));
    const reached = new Set<number>();
    for (const { idx, seq, record } of rows) {
      for (const name of namesOf(record)) {
        if (present.has(`${idx}/${name}`)) continue;
        const by = this.#coverage.of(idx, chain, seq, name);
        if (by === undefined) {
          this.uncovered++;
          continue;
        }
        this.#leaves.set(by.idx, { idx: by.idx, record: by.record });
        if (by.kind === 'redact' || reached.has(by.idx)) continue;
        reached.add(by.idx);
        this.#reach(rows, by.below);
      }
    }
  }

  /** Attaches the last record of the chain below `below`, unless the tip is below it itself. */
  #reach(rows: readonly CoveredRow[], below: number): void {
    if (rows.at(-1)!.idx < below) return;
    const { idx, record } = rows.findLast((row) => row.idx < below)!;
    this.#leaves.set(idx, { idx, record });
  }
}

function namesOf(record: string): string[] {
  if (!record.includes('"parts":{"')) return [];
  const { parts } = JSON.parse(record) as JsonObject;
  return isObject(parts) ? Object.keys(parts) : [];
}
