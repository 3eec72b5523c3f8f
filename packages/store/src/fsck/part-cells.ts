/** The stored parts of a window, beside the commitments of its records, taken leaf by leaf. */
import type { Json } from '@vitrine/schema';
import { Cells } from '../client/cells.ts';
import type { RecordRow } from '../row.ts';
import type { AbsentPart } from './certificate.ts';
import type { Findings } from './report.ts';

export const PART_COLUMNS = 'idx, tenant, name, SHA256(concat(char(2), salt, data)) AS commitment';

const HASH_BYTES = 32;

export class PartCells {
  readonly #cells: Cells;
  /** Of the part that is next; none has it at the end. */
  #idx: number;

  constructor(bytes: Buffer) {
    this.#cells = new Cells(bytes);
    this.#idx = this.#index();
  }

  /**
   * Takes the parts of a leaf and counts them. What its record, of the form of LOG.md §1, commits
   * to and is not there is put to `missing`; anything else that is not as it must be is a finding.
   */
  take(
    row: RecordRow,
    committed: Json | undefined,
    missing: AbsentPart[],
    findings: Findings,
  ): number {
    while (this.#idx < row.idx) this.#skip();
    const commitments = (committed ?? {}) as Record<string, unknown>;
    let found: string[] | undefined;
    while (this.#idx === row.idx) {
      const sameTenant = this.#cells.says(row.tenant);
      const name = this.#cells.text();
      const isRight = commitments[name] === this.#cells.fixedBase64(HASH_BYTES);
      if (!(sameTenant && isRight) || found?.includes(name)) {
        findings.add('parts', `${row.idx}/${name}`, 'name', 'a part as committed to', 'another');
      }
      if (found === undefined) found = [name];
      else found.push(name);
      this.#idx = this.#index();
    }
    for (const name in commitments) {
      if (found?.includes(name)) continue;
      const { idx: index, session, shim } = row;
      const place = { index, chain: `${session}/${shim}`, seq: row.seq ?? 0, name };
      missing.push({ ...place, commitment: String(commitments[name]) });
    }
    return found?.length ?? 0;
  }

  #skip(): void {
    this.#cells.bytes();
    this.#cells.bytes();
    this.#cells.fixed(HASH_BYTES);
    this.#idx = this.#index();
  }

  #index(): number {
    return this.#cells.done ? Number.POSITIVE_INFINITY : this.#cells.uint64();
  }
}
