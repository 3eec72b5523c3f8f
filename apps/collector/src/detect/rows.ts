/**
 * Rows on their way to the thread of detection: one buffer that is handed over, not copied, and a
 * few lists beside it. A member of a record is read where a rule asks for it; the whole record is
 * parsed only for an alert.
 */
import { type MemberPath, MemberReader, memberPath } from '@vitrine/chain';
import type { DetectInput } from '@vitrine/detect';
import { exactJson, type Json, type JsonObject } from '@vitrine/schema';

const LEAF_BYTES = 32;
/** Of a row in `places`: index, names of session, shim, vantage and kind, end of its record. */
const PLACE_NUMBERS = 6;

/** A row that has not been packed; `leaf` has 32 bytes. */
export interface LooseRow extends Pick<DetectInput, 'session' | 'shim' | 'vantage' | 'kind'> {
  log: string;
  idx: number;
  leaf: Uint8Array;
  /** Its canonical text. */
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
  const packed = { log, names, places, whole, memo: new Memo() };
  const rows: DetectInput[] = [];
  for (let at = 0; at < places.length; at += PLACE_NUMBERS) rows.push(new PackedRow(packed, at));
  return rows;
}

/** What all rows of a message share. */
interface Packed extends Pick<PackedRows, 'log' | 'names' | 'places'> {
  whole: Buffer;
  memo: Memo;
}

/** What was read of the row that was asked last, by who asked: rules ask for the same members. */
class Memo {
  row: PackedRow | undefined;
  readonly asked: (readonly string[])[] = [];
  readonly values: (Json | undefined)[] = [];
  readonly reader = new MemberReader();
  count = 0;
}

const memberPaths = new WeakMap<readonly string[], MemberPath>();

function pathOf(steps: readonly string[]): MemberPath {
  let path = memberPaths.get(steps);
  if (path === undefined) {
    path = memberPath(steps);
    memberPaths.set(steps, path);
  }
  return path;
}

class PackedRow implements DetectInput {
  readonly log: string;
  readonly index: number;
  readonly session: string;
  readonly shim: string;
  readonly vantage: string;
  readonly kind: string;
  readonly #packed: Packed;
  /** Where the numbers of the row begin in `places`. */
  readonly #at: number;
  #record: JsonObject | undefined;

  constructor(packed: Packed, at: number) {
    const { log, names, places } = packed;
    this.log = log;
    this.index = places[at]!;
    this.session = names[places[at + 1]!]!;
    this.shim = names[places[at + 2]!]!;
    this.vantage = names[places[at + 3]!]!;
    this.kind = names[places[at + 4]!]!;
    this.#packed = packed;
    this.#at = at;
  }

  get leaf(): string {
    const leafAt = (this.#at / PLACE_NUMBERS) * LEAF_BYTES;
    return this.#packed.whole.toString('base64', leafAt, leafAt + LEAF_BYTES);
  }

  get record(): JsonObject {
    if (this.#record === undefined) {
      const text = this.#packed.whole.toString('utf8', this.#start, this.#end);
      this.#record = exactJson(text) as JsonObject;
    }
    return this.#record;
  }

  read(steps: readonly string[]): Json | undefined {
    const { memo, whole } = this.#packed;
    if (memo.row !== this) {
      memo.row = this;
      memo.count = 0;
      memo.reader.begin(whole, this.#start, this.#end);
    }
    const { asked, values, count } = memo;
    for (let i = 0; i < count; i++) if (asked[i] === steps) return values[i];
    const value = memo.reader.read(pathOf(steps));
    asked[count] = steps;
    values[count] = value;
    memo.count++;
    return value;
  }

  get #start(): number {
    const { places } = this.#packed;
    // Behind the record before; the first stands behind all leaves.
    if (this.#at > 0) return places[this.#at - 1]!;
    return (places.length / PLACE_NUMBERS) * LEAF_BYTES;
  }

  get #end(): number {
    return this.#packed.places[this.#at + 5]!;
  }
}
