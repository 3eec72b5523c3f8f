/**
 * Rows on their way to the thread of detection: one buffer that is handed over, not copied, and a
 * few lists beside it. A record is parsed where it is looked at: most kinds have no rule.
 */
import type { DetectInput } from '@vitrine/detect';
import type { JsonObject } from '@vitrine/schema';

const LEAF_BYTES = 32;
/** Of a row in `places`: index, names of session, shim, vantage and kind, end of its record. */
const PLACE_NUMBERS = 6;

/** A row that has not been packed; `leaf` has 32 bytes. */
export interface LooseRow extends Pick<DetectInput, 'session' | 'shim' | 'vantage' | 'kind'> {
  log: string;
  idx: number;
  leaf: Uint8Array;
  record: string;
  recordBytes?: Buffer | undefined;
}

export interface PackedRows {
  log: string;
  /** What the numbers in `places` name. */
  names: string[];
  places: Float64Array<ArrayBuffer>;
  /** The leaf hashes of all rows, then their records. */
  bytes: Uint8Array<ArrayBuffer>;
}

export function packRows(rows: readonly LooseRow[]): PackedRows {
  const names = new Names();
  const records = rows.map((row) => row.recordBytes ?? Buffer.from(row.record));
  const size = records.reduce((sum, { length }) => sum + LEAF_BYTES + length, 0);
  const bytes = new Uint8Array(size);
  const places = new Float64Array(rows.length * PLACE_NUMBERS);
  let end = rows.length * LEAF_BYTES;
  for (let i = 0; i < rows.length; i++) {
    const { idx, session, shim, vantage, kind, leaf } = rows[i]!;
    // A call into the engine costs more than a short loop.
    for (let k = 0; k < LEAF_BYTES; k++) bytes[i * LEAF_BYTES + k] = leaf[k]!;
    bytes.set(records[i]!, end);
    end += records[i]!.length;
    const at = i * PLACE_NUMBERS;
    places[at] = idx;
    places[at + 1] = names.of(0, session);
    places[at + 2] = names.of(1, shim);
    places[at + 3] = names.of(2, vantage);
    places[at + 4] = names.of(3, kind);
    places[at + 5] = end;
  }
  return { log: rows[0]?.log ?? '', names: names.all, places, bytes };
}

/** Numbers of names: rows that follow each other mostly have the same. */
class Names {
  readonly #known = new Map<string, number>();
  readonly #last: { name: string; n: number }[] = [];

  get all(): string[] {
    return [...this.#known.keys()];
  }

  /** `column`: where the name stands in its row. */
  of(column: number, name: string): number {
    const last = this.#last[column];
    if (last?.name === name) return last.n;
    let n = this.#known.get(name);
    if (n === undefined) {
      n = this.#known.size;
      this.#known.set(name, n);
    }
    this.#last[column] = { name, n };
    return n;
  }
}

export function unpackRows({ log, names, places, bytes }: PackedRows): DetectInput[] {
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const rows: DetectInput[] = [];
  let start = (places.length / PLACE_NUMBERS) * LEAF_BYTES;
  for (let at = 0; at < places.length; at += PLACE_NUMBERS) {
    const leafAt = (at / PLACE_NUMBERS) * LEAF_BYTES;
    const end = places[at + 5]!;
    rows.push(new PackedRow(log, names, places, at, { whole, leafAt, start, end }));
    start = end;
  }
  return rows;
}

/** Where the bytes of a row stand among those of all. */
interface Stretch {
  whole: Buffer;
  leafAt: number;
  start: number;
  end: number;
}

class PackedRow implements DetectInput {
  readonly log: string;
  readonly index: number;
  readonly session: string;
  readonly shim: string;
  readonly vantage: string;
  readonly kind: string;
  readonly #stretch: Stretch;
  #record: JsonObject | undefined;

  constructor(log: string, names: string[], places: Float64Array, at: number, stretch: Stretch) {
    this.log = log;
    this.index = places[at]!;
    this.session = names[places[at + 1]!]!;
    this.shim = names[places[at + 2]!]!;
    this.vantage = names[places[at + 3]!]!;
    this.kind = names[places[at + 4]!]!;
    this.#stretch = stretch;
  }

  get leaf(): string {
    const { whole, leafAt } = this.#stretch;
    return whole.toString('base64', leafAt, leafAt + LEAF_BYTES);
  }

  get record(): JsonObject {
    const { whole, start, end } = this.#stretch;
    this.#record ??= JSON.parse(whole.toString('utf8', start, end)) as JsonObject;
    return this.#record;
  }
}
