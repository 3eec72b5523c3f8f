/** The admit runs of one batch: what each record's connection said (LOG.md §2). */
import { isObject, type Json, type JsonObject } from '@vitrine/schema';
import type { RowProvenance } from '../derive.ts';
import type { Findings } from './report.ts';

interface Run {
  chain: string;
  first: number;
  last: number;
  used: number;
  provenance: RowProvenance;
}

export class AdmitRuns {
  readonly #findings: Findings;
  #runs = new Map<string, Run[]>();

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  /** Takes the runs of an `admit` record, which comes before the records it covers. */
  take(index: number, record: JsonObject): void {
    const runs = Array.isArray(record.runs) ? record.runs : [];
    for (const value of runs) {
      const run = runOf(value);
      if (run === undefined) {
        this.#findings.add('records', index, 'runs', 'an admit run', JSON.stringify(value));
        continue;
      }
      const known = this.#runs.get(run.chain);
      if (known === undefined) this.#runs.set(run.chain, [run]);
      else known.push(run);
    }
  }

  /** `undefined` when no run of this batch covers the record. */
  of(chain: string, seq: number): RowProvenance | undefined {
    const run = this.#runs.get(chain)?.find(({ first, last }) => seq >= first && seq <= last);
    if (run === undefined) return undefined;
    run.used++;
    return run.provenance;
  }

  /** The batch is over: each run must have had all its records. */
  finish(sealIndex: number): void {
    for (const { chain, first, last, used } of [...this.#runs.values()].flat()) {
      if (used === last - first + 1) continue;
      const expected = `records ${first} to ${last} of ${chain}`;
      this.#findings.add('records', sealIndex, 'runs', expected, `${used} records in the batch`);
    }
    this.#runs = new Map();
  }
}

function runOf(value: Json): Run | undefined {
  if (!isObject(value)) return undefined;
  const { chain, first, last, sandbox, via, vantage, peer, observed } = value;
  if (typeof chain !== 'string' || typeof first !== 'number' || typeof last !== 'number') {
    return undefined;
  }
  const provenance = { sandbox, via, vantage, peer, observed };
  if (!Object.values(provenance).every((text) => typeof text === 'string')) return undefined;
  return { chain, first, last, used: 0, provenance: provenance as RowProvenance };
}
