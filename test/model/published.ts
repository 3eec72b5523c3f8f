/**
 * What must hold of everything that was ever published: one root for each size, notes that only
 * grow, rows that are whole, chains that are unbroken, and every entry of the queue up to the
 * position in the seal, once.
 */
import { buildTree, leafHash, parseCheckpointNote, ZERO_HASH } from '@vitrine/chain';
import type { RecordRow } from '@vitrine/store';
import type { Entry } from '../../apps/collector/src/queue/entry.ts';
import { isForged, numbersIn } from './entries.ts';
import type { ModelTables, TableName } from './tables.ts';

export class Violation extends Error {}

export class Published {
  /** Of the queue, by the seal of the newest note. */
  consumed = 0;
  notes = 0;
  readonly #tables: ModelTables;
  readonly #queue: readonly Entry[];
  readonly #roots = new Map<number, string>();
  #size = 0;

  constructor(tables: ModelTables, queue: readonly Entry[]) {
    this.#tables = tables;
    this.#queue = queue;
  }

  /** A note was published. */
  note(text: string): void {
    const { size, root } = parseCheckpointNote(text);
    const known = this.#roots.get(size);
    if (known !== undefined && known !== text) throw new Violation(`size ${size} has two roots`);
    this.#roots.set(size, text);
    if (size < this.#size) throw new Violation(`${size} was published after ${this.#size}`);
    this.#size = size;
    this.notes++;
    const rows = this.#rows();
    const leaves = rows.map(({ leaf }) => leaf);
    if (!buildTree(leaves).root.equals(root)) throw new Violation(`not the root of ${size} leaves`);
    this.#consumedBy(rows);
    chainsOf(rows);
  }

  /** At the end: nothing stands twice, and what was acknowledged is there. */
  whole(zombies: boolean): void {
    this.#consumedBy(this.#rows());
    if (this.consumed < this.#queue.length) throw new Violation('an entry is not in the log');
    if (zombies) return;
    for (const name of Object.keys(this.#tables.rows) as TableName[]) {
      const doubled = [...this.#tables.copies(name)].filter(([, copies]) => copies > 1);
      if (doubled.length > 0) throw new Violation(`${name} has ${doubled} more than once`);
    }
  }

  /** One row for each index below the published size; all copies of one say the same. */
  #rows(): RecordRow[] {
    const rows: RecordRow[] = [];
    for (const row of this.#tables.rows.records) {
      if (row.idx >= this.#size) continue;
      const other = rows[row.idx];
      if (other !== undefined && other.record !== row.record) {
        throw new Violation(`index ${row.idx} has two records`);
      }
      rows[row.idx] = row;
    }
    for (let i = 0; i < this.#size; i++) {
      const row = rows[i];
      if (row === undefined) throw new Violation(`row ${i} of ${this.#size} is missing`);
      if (!leafHash(Buffer.from(row.record)).equals(row.leaf)) throw new Violation(`leaf ${i}`);
    }
    this.#beside(rows);
    return rows;
  }

  /** The other tables have what belongs to these rows. */
  #beside(rows: RecordRow[]): void {
    const supervision = this.#tables.copies('supervision');
    const parts = this.#tables.copies('parts');
    for (const { idx, shim, session, seq, kind } of rows) {
      const supervised = shim === 'sup' && session !== 'log' && seq !== null;
      if (supervised && !supervision.has(String(idx))) throw new Violation(`no supervision ${idx}`);
      if (kind === 'x' && !parts.has(`${idx}/p`)) throw new Violation(`no part of ${idx}`);
    }
    const full = Math.floor(this.#size / 256);
    const tiles = this.#tables.copies('tiles');
    for (let n = 0; n < full; n++) if (!tiles.has(`0/${n}`)) throw new Violation(`no tile ${n}`);
    const checkpoints = this.#tables.copies('checkpoints');
    if (!checkpoints.has(String(this.#size))) throw new Violation(`no checkpoint ${this.#size}`);
  }

  /** Events of the entries before `src`, each once, and no other. */
  #consumedBy(rows: RecordRow[]): void {
    const seal = JSON.parse(rows.at(-1)!.record) as { src: { journal: string } };
    this.consumed = Number(seal.src.journal);
    if (this.consumed > this.#queue.length) throw new Violation('src is ahead of the queue');
    // A page that came again is in the queue twice and in the log once.
    const consumed = this.#queue.slice(0, this.consumed);
    const conflicts = rows.filter(({ kind }) => kind === 'conflict').length;
    const forged = consumed.filter(isForged).length;
    if (conflicts !== forged) throw new Violation(`${conflicts} of ${forged} conflicts are told`);
    const expected = new Set(consumed.flatMap(numbersIn));
    const found = rows.flatMap(({ record, kind }) => {
      if (kind !== 'x' && kind !== 'config') return [];
      return [Number((JSON.parse(record) as { n: number }).n)];
    });
    if (found.length !== new Set(found).size) throw new Violation('an event is in the log twice');
    const missing = [...expected].filter((n) => !found.includes(n));
    if (missing.length > 0) throw new Violation(`src is past events ${missing}, which are missing`);
    if (found.length !== expected.size) throw new Violation('an event is in the log before src');
  }
}

/** Each record follows the one before in its chain. */
function chainsOf(rows: RecordRow[]): void {
  const tips = new Map<string, { seq: number; head: string }>();
  for (const { session, shim, seq, record, leaf } of rows) {
    if (seq === null) continue;
    const chain = `${session}/${shim}`;
    const tip = tips.get(chain) ?? { seq: -1, head: ZERO_HASH.toString('base64') };
    const { prev } = JSON.parse(record) as { prev: string };
    if (seq !== tip.seq + 1 || prev !== tip.head) throw new Violation(`${chain} breaks at ${seq}`);
    tips.set(chain, { seq, head: leaf.toString('base64') });
  }
}
