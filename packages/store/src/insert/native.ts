/**
 * Writes ClickHouse's Native format, one block of columns: the engine takes it as it is, where it
 * has to go through RowBinary value by value. A text that few rows differ in is a number in each
 * row, here and in the engine. Values stand as in RowBinary.
 */
import { RowBinary } from './row-binary.ts';

/** `LowCardinality` in a stream: a version, then what the block brings. */
const DICTIONARY_VERSION = 1;
const HAS_OWN_KEYS = 512;
const NEEDS_NO_OTHER_KEYS = 1_024;
const INDEX_UINT8 = 0;
const INDEX_UINT16 = 1;
const UINT8_KEYS_MAX = 256;
/** Of one block: an index of a row has two bytes at most. */
export const NATIVE_ROWS_MAX = 65_535;

export class NativeBlock<Row> {
  readonly #rows: readonly Row[];
  readonly #out: RowBinary;

  /** `rows`: at most `NATIVE_ROWS_MAX`; `columns` are written after it, as many as are named. */
  constructor(rows: readonly Row[], columns: number, sizeGuess: number) {
    if (rows.length > NATIVE_ROWS_MAX) throw new RangeError('too many rows for one block');
    this.#rows = rows;
    this.#out = new RowBinary(sizeGuess).varint(columns).varint(rows.length);
  }

  /** `LowCardinality(String)` */
  words(name: string, of: (row: Row) => string): this {
    const out = this.#out.text(name).text('LowCardinality(String)');
    const rows = this.#rows;
    const keys = new Map<string, number>();
    const indices = new Uint16Array(rows.length);
    let before: string | undefined;
    let index = 0;
    for (let i = 0; i < rows.length; i++) {
      const word = of(rows[i]!);
      if (word !== before) {
        const known = keys.get(word);
        index = known ?? keys.size;
        if (known === undefined) keys.set(word, index);
        before = word;
      }
      indices[i] = index;
    }
    const narrow = keys.size <= UINT8_KEYS_MAX;
    const width = narrow ? INDEX_UINT8 : INDEX_UINT16;
    out.uint64(DICTIONARY_VERSION).uint64(HAS_OWN_KEYS + NEEDS_NO_OTHER_KEYS + width);
    out.uint64(keys.size);
    for (const key of keys.keys()) out.text(key);
    out.uint64(rows.length).indices(indices, narrow);
    return this;
  }

  /** `String` */
  texts(name: string, of: (row: Row) => string | Buffer): this {
    const out = this.#out.text(name).text('String');
    for (const row of this.#rows) {
      const value = of(row);
      if (typeof value === 'string') out.text(value);
      else out.bytes(value);
    }
    return this;
  }

  /** `FixedString(32)` */
  hashes(name: string, of: (row: Row) => Buffer): this {
    const out = this.#out.text(name).text('FixedString(32)');
    for (const row of this.#rows) out.fixed(of(row));
    return this;
  }

  /** `UInt8` */
  uint8s(name: string, of: (row: Row) => number): this {
    const out = this.#out.text(name).text('UInt8');
    for (const row of this.#rows) out.uint8(of(row));
    return this;
  }

  /** `UInt64`, of safe integers. */
  uint64s(name: string, of: (row: Row) => number): this {
    const out = this.#out.text(name).text('UInt64');
    for (const row of this.#rows) out.uint64(of(row));
    return this;
  }

  /** `Int64`, of decimal texts or safe integers; `null` is −1. */
  int64s(name: string, of: (row: Row) => string | number | null): this {
    const out = this.#out.text(name).text('Int64');
    for (const row of this.#rows) {
      const value = of(row);
      if (typeof value === 'string') out.int64Text(value);
      else if (value === null) out.int64(NONE);
      else out.uint64(value);
    }
    return this;
  }

  done(): Buffer {
    return this.#out.done();
  }
}

const NONE = -1n;
