/**
 * The checkpoints of a log beside its seals: each sealed tree has exactly one, signed, with the
 * root that the leaves give. Reads ahead no further than the size asked for.
 */
import type { Trust } from '@vitrine/chain';
import type { CheckpointRow } from '../row.ts';
import type { Findings } from './report.ts';
import { isSigned, readNote } from './signature.ts';

export class CheckpointWalk {
  readonly #rows: AsyncGenerator<CheckpointRow>;
  readonly #origin: string;
  readonly #trust: Trust;
  readonly #findings: Findings;
  #next: CheckpointRow | undefined;
  #started = false;
  count = 0;

  constructor(
    rows: AsyncGenerator<CheckpointRow>,
    origin: string,
    trust: Trust,
    findings: Findings,
  ) {
    this.#rows = rows;
    this.#origin = origin;
    this.#trust = trust;
    this.#findings = findings;
  }

  /** The signed root of the tree of `size`, where a seal stands; `undefined` if there is none. */
  async rootAt(size: number): Promise<Buffer | undefined> {
    const rows = await this.#rowsUpTo(size);
    const here = rows.filter((row) => row.size === size);
    for (const row of rows) {
      if (row.size !== size) this.#findings.add('checkpoints', row.size, 'size', 'a seal', 'none');
    }
    const roots = here.map((row) => this.#rootOf(row)).filter((root) => root !== undefined);
    const [first, second] = here;
    if (first === undefined) this.#findings.add('checkpoints', size, 'size', 'a row', 'none');
    if (second !== undefined) {
      const split = !here.every(({ root }) => root.equals(first!.root));
      const found = split ? 'two roots of one size' : `${here.length} rows`;
      this.#findings.add('checkpoints', size, 'size', 'one row', found);
    }
    return roots[0];
  }

  async close(): Promise<void> {
    await this.#rows.return(undefined);
  }

  /** Takes every row up to `size`; what lies beyond waits. */
  async #rowsUpTo(size: number): Promise<CheckpointRow[]> {
    const rows: CheckpointRow[] = [];
    if (!this.#started) await this.#advance();
    while (this.#next !== undefined && this.#next.size <= size) {
      rows.push(this.#next);
      this.count++;
      await this.#advance();
    }
    return rows;
  }

  async #advance(): Promise<void> {
    this.#started = true;
    const { done, value } = await this.#rows.next();
    this.#next = done === true ? undefined : value;
  }

  #rootOf(row: CheckpointRow): Buffer | undefined {
    const bad = (column: string, expected: unknown, found: unknown): undefined => {
      this.#findings.add('checkpoints', row.size, column, expected, found);
    };
    const note = readNote(row.note);
    if (note === undefined) return bad('note', 'a signed checkpoint', row.note);
    if (note.origin !== this.#origin) return bad('note', this.#origin, note.origin);
    if (!isSigned(note, this.#origin, this.#trust)) {
      return bad('note', 'a signature by a key of the trust file', 'none that verifies');
    }
    if (note.size !== row.size) return bad('size', note.size, row.size);
    if (!note.root.equals(row.root)) bad('root', note.root, row.root);
    return note.root;
  }
}
