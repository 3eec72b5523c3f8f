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
  const names = new Map<string, number>();
  const nameOf = (name: string): number => {
    const known = names.get(name);
    if (known !== undefined) return known;
    names.set(name, names.size);
    return names.size - 1;
  };
  const records = rows.map((row) => row.recordBytes ?? Buffer.from(row.record));
  const size = records.reduce((sum, { length }) => sum + LEAF_BYTES + length, 0);
  const bytes = new Uint8Array(size);
  const places = new Float64Array(rows.length * PLACE_NUMBERS);
  let end = rows.length * LEAF_BYTES;
  for (let i = 0; i < rows.length; i++) {
    const { idx, session, shim, vantage, kind, leaf } = rows[i]!;
    bytes.set(leaf, i * LEAF_BYTES);
    bytes.set(records[i]!, end);
    end += records[i]!.length;
    const at = i * PLACE_NUMBERS;
    places[at] = idx;
    places[at + 1] = nameOf(session);
    places[at + 2] = nameOf(shim);
    places[at + 3] = nameOf(vantage);
    places[at + 4] = nameOf(kind);
    places[at + 5] = end;
  }
  return { log: rows[0]?.log ?? '', names: [...names.keys()], places, bytes };
}

export function unpackRows({ log, names, places, bytes }: PackedRows): DetectInput[] {
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const rows: DetectInput[] = [];
  let start = (places.length / PLACE_NUMBERS) * LEAF_BYTES;
  for (let at = 0; at < places.length; at += PLACE_NUMBERS) {
    const leafAt = (at / PLACE_NUMBERS) * LEAF_BYTES;
    const leaf = whole.subarray(leafAt, leafAt + LEAF_BYTES);
    const end = places[at + 5]!;
    const name = (k: number): string => names[places[at + k]!]!;
    const place = { log, index: places[at]!, session: name(1), shim: name(2) };
    const said = { vantage: name(3), kind: name(4) };
    rows.push(new PackedRow({ ...place, ...said }, leaf, whole.subarray(start, end)));
    start = end;
  }
  return rows;
}

class PackedRow implements DetectInput {
  readonly log: string;
  readonly index: number;
  readonly session: string;
  readonly shim: string;
  readonly vantage: string;
  readonly kind: string;
  readonly #leaf: Buffer;
  readonly #bytes: Buffer;
  #record: JsonObject | undefined;

  constructor(place: Omit<DetectInput, 'leaf' | 'record'>, leaf: Buffer, bytes: Buffer) {
    this.log = place.log;
    this.index = place.index;
    this.session = place.session;
    this.shim = place.shim;
    this.vantage = place.vantage;
    this.kind = place.kind;
    this.#leaf = leaf;
    this.#bytes = bytes;
  }

  get leaf(): string {
    return this.#leaf.toString('base64');
  }

  get record(): JsonObject {
    this.#record ??= JSON.parse(this.#bytes.toString()) as JsonObject;
    return this.#record;
  }
}
