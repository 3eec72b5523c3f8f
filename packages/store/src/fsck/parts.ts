/** Stored parts beside the commitments of their records. */
import type { RecordRow } from '../row.ts';
import type { PartDigest } from './evidence.ts';
import type { Redactions } from './redactions.ts';
import type { Findings, MissingPart } from './report.ts';

const MISSING_LISTED_MAX = 1_000;

export class PartCheck {
  readonly #findings: Findings;
  readonly #redactions: Redactions;
  readonly missing: MissingPart[] = [];
  missingTotal = 0;
  uncoveredTotal = 0;
  present = 0;

  constructor(findings: Findings, redactions: Redactions) {
    this.#findings = findings;
    this.#redactions = redactions;
  }

  /** `stored` is what there is for the record at `idx`, which stands in `chain` at `seq`. */
  check(
    { idx, tenant, session, shim, seq }: RecordRow,
    committed: Record<string, string>,
    stored: PartDigest[],
  ): void {
    const seen = new Set<string>();
    for (const part of stored) {
      const expected = Object.hasOwn(committed, part.name) ? committed[part.name] : undefined;
      this.#compare(`${idx}/${part.name}`, tenant, expected, part, seen.has(part.name));
      if (expected !== undefined) seen.add(part.name);
    }
    this.present += seen.size;
    for (const name of Object.keys(committed)) {
      if (!seen.has(name)) this.#miss(idx, `${session}/${shim}`, seq ?? 0, name);
    }
  }

  #compare(
    place: string,
    tenant: string,
    expected: string | undefined,
    part: PartDigest,
    again: boolean,
  ): void {
    if (expected === undefined) {
      this.#findings.add('parts', place, 'name', 'a part that the record commits to', part.name);
      return;
    }
    if (again) this.#findings.add('parts', place, 'name', 'one row', 'two rows');
    if (part.commitment !== expected) {
      this.#findings.add('parts', place, 'data', `commitment ${expected}`, part.commitment);
    }
    if (part.tenant !== tenant) this.#findings.add('parts', place, 'tenant', tenant, part.tenant);
  }

  #miss(index: number, chain: string, seq: number, name: string): void {
    const covered = this.#redactions.covers(index, chain, seq, name);
    this.missingTotal++;
    if (!covered) this.uncoveredTotal++;
    if (this.missing.length < MISSING_LISTED_MAX) this.missing.push({ index, name, covered });
  }
}
