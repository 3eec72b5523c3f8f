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

interface ChainRuns {
  runs: Run[];
  /** Where the last one that was asked for stands; -1 when none covered it. */
  at: number;
}

export class AdmitRuns {
  readonly #findings: Findings;
  #runs = new Map<string, ChainRuns>();

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
      if (known === undefined) this.#runs.set(run.chain, { runs: [run], at: 0 });
      else known.runs.push(run);
    }
  }

  /** `undefined` when no run of this batch covers the record. */
  of(chain: string, seq: number): RowProvenance | undefined {
    const known = this.#runs.get(chain);
    if (known === undefined) return undefined;
    const { runs } = known;
    // Records come in the order of their chain: nearly always it is this run or the next.
    if (!covers(runs[known.at], seq)) known.at++;
    if (!covers(runs[known.at], seq)) known.at = runs.findIndex((run) => covers(run, seq));
    const run = runs[known.at];
    if (run === undefined) return undefined;
    run.used++;
    return run.provenance;
  }

  /** The batch is over: each run must have had all its records. */
  finish(sealIndex: number): void {
    for (const { chain, first, last, used } of [...this.#runs.values()].flatMap(
      ({ runs }) => runs,
    )) {
      if (used === last - first + 1) continue;
      const expected = `records ${first} to ${last} of ${chain}`;
      this.#findings.add('records', sealIndex, 'runs', expected, `${used} records in the batch`);
    }
    this.#runs = new Map();
  }
}

function covers(run: Run | undefined, seq: number): boolean {
  return run !== undefined && seq >= run.first && seq <= run.last;
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
