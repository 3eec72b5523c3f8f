/** Stored parts beside the commitments of their records. */
import type { MissingPart } from '@vitrine/schema/api';
import type { Coverage } from '../erase/coverage.ts';
import type { RecordRow } from '../row.ts';
import type { Certificate } from './certificate.ts';
import type { PartDigest } from './evidence.ts';
import { type Findings, MISSING_LISTED_MAX } from './report.ts';

export class PartCheck {
  readonly #findings: Findings;
  readonly #coverage: Coverage;
  readonly missing: MissingPart[] = [];
  missingTotal = 0;
  uncoveredTotal = 0;
  present = 0;

  constructor(findings: Findings, coverage: Coverage) {
    this.#findings = findings;
    this.#coverage = coverage;
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
      if (seen.has(name)) continue;
      const covered = this.#coverage.of(idx, `${session}/${shim}`, seq ?? 0, name) !== undefined;
      this.#miss(idx, name, covered, committed[name]!);
    }
  }

  /** The parts of a certified batch. */
  pass({ parts, missing }: Certificate): void {
    this.present += parts;
    for (const { index, chain, seq, name, commitment } of missing) {
      const covered = this.#coverage.of(index, chain, seq, name) !== undefined;
      this.#miss(index, name, covered, commitment);
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

  /** What no record has announced was taken away. */
  #miss(index: number, name: string, covered: boolean, commitment: string): void {
    this.missingTotal++;
    if (this.missing.length < MISSING_LISTED_MAX) this.missing.push({ index, name, covered });
    if (covered) return;
    this.uncoveredTotal++;
    this.#findings.add('parts', `${index}/${name}`, 'data', `commitment ${commitment}`, 'none');
  }
}
