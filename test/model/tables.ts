/** The evidence tables as rows that stand, doubled ones included, and inserts on their way. */

import type { CheckpointRow, PartRow, RecordRow, SupervisionRow, TileRow } from '@vitrine/store';
import type { Chance } from '../acceptance/path/chance.ts';

interface Tables {
  records: RecordRow[];
  supervision: SupervisionRow[];
  parts: PartRow[];
  tiles: TileRow[];
  checkpoints: CheckpointRow[];
}

export type TableName = keyof Tables;
export type Row = Tables[TableName][number];

const KEYS: { [name in TableName]: (row: never) => string } = {
  records: (row: RecordRow) => String(row.idx),
  supervision: (row: SupervisionRow) => String(row.idx),
  parts: (row: PartRow) => `${row.idx}/${row.name}`,
  tiles: (row: TileRow) => `${row.level}/${row.n}`,
  checkpoints: (row: CheckpointRow) => String(row.size),
};

export function keyOf(name: TableName, row: Row): string {
  return KEYS[name](row as never);
}

export class ModelTables {
  readonly rows: Tables = { records: [], supervision: [], parts: [], tiles: [], checkpoints: [] };
  readonly #underWay = new Set<(count: number) => boolean>();

  /**
   * Begins an insert; the answer lets its first `count` rows arrive. `false` when it was ended
   * before, by who reads back what stands.
   */
  send(name: TableName, rows: readonly Row[]): (count: number) => boolean {
    const arrive = (count: number): boolean => {
      if (!this.#underWay.delete(arrive)) return false;
      (this.rows[name] as Row[]).push(...rows.slice(0, count));
      return true;
    };
    this.#underWay.add(arrive);
    return arrive;
  }

  /** Ends what is on its way: it has happened, or it never will. */
  settle(happened: () => boolean): void {
    for (const arrive of [...this.#underWay]) arrive(happened() ? Number.POSITIVE_INFINITY : 0);
  }

  /** One of those on their way arrives, whoever sent it. */
  arriveLate(chance: Chance): void {
    const [arrive] = chance.shuffle([...this.#underWay]);
    arrive?.(Number.POSITIVE_INFINITY);
  }

  /** Those that do not stand exactly once; what stands more often is taken out first. */
  missing(name: TableName, wanted: readonly Row[]): Row[] {
    const copies = this.copies(name);
    const doubled = wanted.map((row) => keyOf(name, row)).filter((key) => copies.get(key)! > 1);
    const kept = (this.rows[name] as Row[]).filter((row) => !doubled.includes(keyOf(name, row)));
    (this.rows[name] as Row[]) = kept;
    return wanted.filter((row) => copies.get(keyOf(name, row)) !== 1);
  }

  copies(name: TableName): Map<string, number> {
    const copies = new Map<string, number>();
    for (const row of this.rows[name]) {
      const key = keyOf(name, row);
      copies.set(key, (copies.get(key) ?? 0) + 1);
    }
    return copies;
  }
}
