/**
 * The edge of a store that may do all that a real one may: lose its answer, apply an insert late,
 * in part, or not at all. What it reads back is what stands.
 */
import type { RecordRow, Store } from '@vitrine/store';
import { deriveSupervision } from '../../packages/store/src/derive.ts';
import type { Chance } from '../acceptance/path/chance.ts';
import { ModelReads } from './reads.ts';
import type { ModelTables, Row, TableName } from './tables.ts';

/** What one writer's connection to the store is made of. */
export interface ModelEdge {
  tables: ModelTables;
  chance: Chance;
  /** Of 1: how many inserts go wrong. */
  faults: () => number;
  gate: () => Promise<void>;
}

type Rows = { [name in TableName]: ModelTables['rows'][name] };

/** The answer to an insert never came, or says that it failed. */
export class StoreAway extends Error {}

/** An insert whose answer never came: it may still arrive, until it is settled. */
const OUTCOMES = ['lost', 'unanswered', 'late', 'torn'] as const;

export class ModelStore
  extends ModelReads
  implements Pick<Store, 'chainRecords' | 'insertBatch' | 'lastCheckpoint' | 'leaves' | 'tips'>
{
  readonly #edge: ModelEdge;

  constructor(edge: ModelEdge) {
    super(edge.tables);
    this.#edge = edge;
  }

  async insertBatch(
    records: RecordRow[],
    parts: Parameters<Store['insertBatch']>[1],
    tiles: Parameters<Store['insertBatch']>[2],
    checkpoint: Parameters<Store['insertBatch']>[3],
    { verify }: { verify: boolean },
  ): Promise<void> {
    const { tables, chance, gate } = this.#edge;
    await gate();
    const supervision = records.map(deriveSupervision).filter((row) => row !== undefined);
    const given: Rows = { records, supervision, parts, tiles, checkpoints: [checkpoint] };
    if (verify) tables.settle(() => chance.fraction() < 0.5);
    const failures: string[] = [];
    for (const name of chance.shuffle(Object.keys(given) as TableName[])) {
      const rows: readonly Row[] = verify ? tables.missing(name, given[name]) : given[name];
      if (rows.length === 0) continue;
      const outcome = await this.#insert(name, rows);
      if (outcome !== 'applied') failures.push(`${name}: ${outcome}`);
    }
    if (failures.length > 0) throw new StoreAway(failures.join(', '));
  }

  /** As a reader that may be asked while an insert is on its way. */
  async chainRecords(...[, size, session, shim, after, count]: Parameters<Store['chainRecords']>) {
    await this.#edge.gate();
    return this.chainBelow(size, session, shim)
      .filter(({ seq }) => seq > after)
      .slice(0, count);
  }

  async #insert(
    name: TableName,
    rows: readonly Row[],
  ): Promise<(typeof OUTCOMES)[number] | 'applied'> {
    const { tables, chance, faults, gate } = this.#edge;
    const arrive = tables.send(name, rows);
    // Whoever dies here leaves an insert on its way.
    await gate();
    const outcome =
      chance.fraction() < faults() ? OUTCOMES[chance.between(0, OUTCOMES.length)]! : 'applied';
    if (outcome === 'late') return outcome;
    const counts = { lost: 0, torn: chance.between(0, rows.length) };
    const ended = arrive(outcome in counts ? counts[outcome as 'lost' | 'torn'] : rows.length);
    return ended ? outcome : 'lost';
  }
}
