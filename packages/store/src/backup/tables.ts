/**
 * The evidence tables as lines of a backup. Only what cannot be derived again is in it: records,
 * parts and checkpoints; every column, tile and row beside them follows from these.
 */
import { FSCK_PAGE_SECONDS_MAX } from '@vitrine/schema';
import type { Cells } from '../client/cells.ts';
import type { Connection } from '../client/connection.ts';
import { StoreError } from '../error.ts';
import { tenantOf } from '../query/columns.ts';
import { halved } from '../query/halved.ts';
import { type BackupTable, partLine } from './manifest.ts';

/** Leaves of one question. */
const WINDOW_LEAVES = 16_384;
const SETTINGS = { max_execution_time: FSCK_PAGE_SECONDS_MAX };

export class BackupTables {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * Lines about the leaves [first, end) of a published tree, in order: a record's text, a part, or
   * a note as JSON (of the trees with a size in (first, end]). Throws ROWS_MISSING.
   */
  async *lines(
    table: BackupTable,
    log: string,
    first: number,
    end: number,
  ): AsyncGenerator<string[]> {
    for (let at = first; at < end; at += WINDOW_LEAVES) {
      const to = Math.min(end, at + WINDOW_LEAVES);
      yield await halved(at, to, (from, until) => this.#window(table, log, from, until));
    }
  }

  #window(table: BackupTable, log: string, first: number, end: number): Promise<string[]> {
    if (table === 'records') return this.#records(log, first, end);
    return table === 'parts' ? this.#parts(log, first, end) : this.#notes(log, first, end);
  }

  async #records(log: string, first: number, end: number): Promise<string[]> {
    const cells = await this.#connection.cells(
      `SELECT record FROM records WHERE tenant = {tenant:String} AND log = {log:String}
         AND idx >= {first:UInt64} AND idx < {end:UInt64} ORDER BY idx LIMIT 1 BY idx`,
      { tenant: tenantOf(log), log, first, end },
      SETTINGS,
    );
    const lines = linesOf(cells, () => cells.text());
    if (lines.length === end - first) return lines;
    const message = `leaves ${first} to ${end} of ${log}: ${lines.length} are stored`;
    throw new StoreError('ROWS_MISSING', message, 'run vitrine fsck');
  }

  async #parts(log: string, first: number, end: number): Promise<string[]> {
    const cells = await this.#connection.cells(
      `SELECT idx, name, salt, data FROM parts WHERE log = {log:String}
         AND idx >= {first:UInt64} AND idx < {end:UInt64} ORDER BY idx, name LIMIT 1 BY idx, name`,
      { log, first, end },
      SETTINGS,
    );
    return linesOf(cells, () => {
      const [idx, name] = [cells.uint64(), cells.text()];
      return partLine({ idx, name, salt: cells.bytes(), data: cells.bytes() });
    });
  }

  async #notes(log: string, first: number, end: number): Promise<string[]> {
    const cells = await this.#connection.cells(
      `SELECT note FROM checkpoints WHERE log = {log:String}
         AND size > {first:UInt64} AND size <= {end:UInt64} ORDER BY size LIMIT 1 BY size`,
      { log, first, end },
      SETTINGS,
    );
    return linesOf(cells, () => JSON.stringify(cells.text()));
  }
}

function linesOf(cells: Cells, next: () => string): string[] {
  const lines: string[] = [];
  while (!cells.done) lines.push(next());
  return lines;
}
