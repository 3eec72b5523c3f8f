/** Stored parts beside the commitments of their records. */
import type { PartDigest } from './evidence.ts';
import type { Findings, MissingPart } from './report.ts';

const MISSING_LISTED_MAX = 1_000;

export class PartCheck {
  readonly #findings: Findings;
  readonly missing: MissingPart[] = [];
  missingTotal = 0;
  present = 0;

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  /** `committed`: name to base64 commitment, of the record at `idx`. */
  check(
    idx: number,
    tenant: string,
    committed: Record<string, string>,
    stored: PartDigest[],
  ): void {
    const seen = new Set<string>();
    for (const part of stored) {
      const place = `${idx}/${part.name}`;
      const expected = Object.hasOwn(committed, part.name) ? committed[part.name] : undefined;
      if (expected === undefined) {
        this.#findings.add('parts', place, 'name', 'a part that the record commits to', part.name);
        continue;
      }
      if (seen.has(part.name)) this.#findings.add('parts', place, 'name', 'one row', 'two rows');
      if (part.commitment !== expected) {
        this.#findings.add('parts', place, 'data', `commitment ${expected}`, part.commitment);
      }
      if (part.tenant !== tenant) {
        this.#findings.add('parts', place, 'tenant', tenant, part.tenant);
      }
      seen.add(part.name);
      this.present++;
    }
    for (const name of Object.keys(committed)) {
      if (seen.has(name)) continue;
      this.missingTotal++;
      if (this.missing.length < MISSING_LISTED_MAX) this.missing.push({ index: idx, name });
    }
  }
}
