/** Which parts the log has said to be gone: `redact` and `expire` of `log/audit` (LOG.md §3). */
import { type JsonObject, readPath } from '@vitrine/schema';

const EVERY_PART = '*';

export class Redactions {
  readonly #redacted = new Set<string>();
  /** By part name, or `*`: the index below which all are expired. */
  readonly #expired = new Map<string, number>();

  constructor(records: JsonObject[]) {
    for (const record of records) this.#take(record);
  }

  covers(index: number, chain: string, seq: number, part: string): boolean {
    const below = (name: string): number => this.#expired.get(name) ?? 0;
    if (index < Math.max(below(part), below(EVERY_PART))) return true;
    return this.#redacted.has(placeOf(chain, seq, part));
  }

  #take(record: JsonObject): void {
    const part = String(readPath(record, 'target.part'));
    if (record.kind === 'expire') {
      const below = readPath(record, 'target.below');
      if (typeof below !== 'number') return;
      this.#expired.set(part, Math.max(below, this.#expired.get(part) ?? 0));
      return;
    }
    const chain = String(readPath(record, 'target.chain'));
    this.#redacted.add(placeOf(chain, Number(readPath(record, 'target.seq')), part));
  }
}

function placeOf(chain: string, seq: number, part: string): string {
  return `${chain}/${seq}/${part}`;
}
