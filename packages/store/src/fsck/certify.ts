/**
 * Looks through whole batches at the least cost and certifies those in which nothing is odd. It
 * names nothing: what it does not certify is judged row by row by `Replay`, which says what is
 * wrong. Relies on nothing but the window; runs in any thread.
 */
import { isAscii, isUtf8 } from 'node:buffer';
import { ChainError, formFault, framedLeafText, parseCanonicalText } from '@vitrine/chain';
import { isObject, type JsonObject, RECORD_BYTES_MAX } from '@vitrine/schema';
import { Cells } from '../client/cells.ts';
import { deriveColumns, deriveSupervision, type RowProvenance } from '../derive.ts';
import { tenantOf } from '../query/columns.ts';
import type { RecordRow, SupervisionRow } from '../row.ts';
import { AdmitRuns } from './admit.ts';
import type { AbsentPart, Certificate, RawWindow, Stretch } from './certificate.ts';
import { compareSupervision } from './columns.ts';
import { PartCells } from './part-cells.ts';
import { plainRecord } from './plain.ts';
import { Findings } from './report.ts';

/** The record behind the prefix of a leaf, so that it is hashed where it lies. */
export const CERTIFIED_COLUMNS =
  'concat(char(0), record), idx, leaf, tenant, session, shim, seq, kind, toString(t), ' +
  'toString(observed), sandbox, via, vantage, peer, agent, severity, title, subject';

const HASH_BYTES = 32;
const OWN = 'log';
const SUPERVISOR = 'sup';
/** As the column says it: a seal has no place in a chain. */
const SEQ_NONE = -1;
/** Kinds and names of parts that are remembered. */
const FORMS_KEPT_MAX = 1_000;
const NO_LEAF = Buffer.alloc(0);
const NOTHING: JsonObject = {};

/** The batches of a window that need no second look, in order. */
export function certify(window: RawWindow): Certificate[] {
  const pass = new Pass(window);
  while (!pass.done) pass.row();
  return pass.certificates;
}

/** A stretch that may go on. */
interface OpenStretch extends Stretch {
  chain: string;
  /** Leaf hash of its last record, base64. */
  head: string;
}

class Pass {
  readonly certificates: Certificate[] = [];
  readonly #log: string;
  readonly #tenant: string;
  readonly #cells: Cells;
  readonly #parts: PartCells;
  readonly #supervised: SupervisionRow[];
  #supervisedAt = 0;
  readonly #forms = new Forms();
  #next: number;
  #batch: Batch;

  constructor({ log, first, records, parts, supervised }: RawWindow) {
    this.#log = log;
    this.#tenant = tenantOf(log);
    this.#cells = new Cells(bufferOf(records));
    this.#parts = new PartCells(bufferOf(parts));
    this.#supervised = supervised;
    this.#next = first;
    this.#batch = new Batch(first);
  }

  get done(): boolean {
    return this.#cells.done;
  }

  row(): void {
    const framed = this.#cells.bytes();
    const idx = this.#cells.uint64();
    // A row that stands twice spoils its batch, which a seal may have ended.
    if (idx !== this.#next) this.#spoil(idx);
    this.#next = idx + 1;
    const ascii = isAscii(framed);
    const text = textOf(framed, ascii);
    const record = (ascii ? plainRecord(text) : undefined) ?? canonicalOf(text);
    const leaf = framedLeafText(framed);
    const batch = this.#batch;
    const isSeal = record !== undefined && isSealAlone(record);
    if (record === undefined || !(isSeal || batch.link(idx, record, text, leaf))) batch.odd = true;
    const known = record ?? NOTHING;
    const provenance = batch.provenance(known);
    const source = {
      tenant: this.#tenant,
      log: this.#log,
      index: idx,
      leaf: NO_LEAF,
      record: text,
    };
    const { session, shim } = isSeal ? { session: OWN, shim: 'seal' } : placeOf(known);
    const expected = deriveColumns({ ...source, session, shim, provenance }, known);
    if (!this.#fits(expected, leaf)) batch.odd = true;
    const isWhole = this.#beside(expected, known);
    const isFormed = isSeal || this.#forms.fits(known, expected, isWhole ? batch.last : undefined);
    if (!isFormed) batch.odd = true;
    if (isSeal) this.#close(idx, text);
  }

  #spoil(idx: number): void {
    this.#batch.odd = true;
    if (this.certificates.at(-1)?.end === idx + 1) this.certificates.pop();
  }

  /** Takes the other cells of the row; all of them, whatever the first ones say. */
  #fits(expected: RecordRow, leaf: string): boolean {
    const cells = this.#cells;
    let fits = this.#batch.leafIs(cells.fixed(HASH_BYTES), leaf);
    fits = cells.says(expected.tenant) && fits;
    fits = cells.says(expected.session) && fits;
    fits = cells.says(expected.shim) && fits;
    fits = cells.int64() === (expected.seq ?? SEQ_NONE) && fits;
    fits = cells.says(expected.kind) && fits;
    fits = cells.says(expected.t) && fits;
    fits = cells.says(expected.observed) && fits;
    fits = cells.says(expected.sandbox) && fits;
    fits = cells.says(expected.via) && fits;
    fits = cells.says(expected.vantage) && fits;
    fits = cells.says(expected.peer) && fits;
    fits = cells.says(expected.agent) && fits;
    fits = cells.uint8() === expected.severity && fits;
    fits = cells.says(expected.title) && fits;
    return cells.says(expected.subject) && fits;
  }

  /** What stands for the same leaf in the other tables. `true` when no part of it is missing. */
  #beside(row: RecordRow, record: JsonObject): boolean {
    const batch = this.#batch;
    const all = this.#supervised;
    while (this.#supervisedAt < all.length && all[this.#supervisedAt]!.idx < row.idx) {
      this.#supervisedAt++;
    }
    const from = this.#supervisedAt;
    while (all[this.#supervisedAt]?.idx === row.idx) this.#supervisedAt++;
    if (row.shim === SUPERVISOR || from < this.#supervisedAt) {
      const found = all.slice(from, this.#supervisedAt);
      compareSupervision(row.idx, deriveSupervision(row), found, batch.findings);
    }
    const missing = batch.missing.length;
    batch.parts += this.#parts.take(row, record.parts, batch.missing, batch.findings);
    return batch.missing.length === missing;
  }

  #close(idx: number, seal: string): void {
    const certificate = this.#batch.certificate(idx, seal);
    if (certificate !== undefined) this.certificates.push(certificate);
    this.#batch = new Batch(idx + 1);
  }
}

/** Says what `formFault` says, from what is known of records before where that is enough. */
class Forms {
  readonly #kinds = new Set<string>();
  readonly #partNames = new Set<string>();

  /**
   * `stretch` is where the record was linked; given only if it has all parts it commits to, with
   * these commitments.
   */
  fits(record: JsonObject, row: RecordRow, stretch: OpenStretch | undefined): boolean {
    if (stretch !== undefined && stretch.index < row.idx && this.#isKnown(record, row)) return true;
    if (formFault(record) !== undefined) return false;
    const names = Object.keys(record.parts as JsonObject);
    if (this.#kinds.size < FORMS_KEPT_MAX) this.#kinds.add(row.kind);
    if (this.#partNames.size < FORMS_KEPT_MAX) for (const name of names) this.#partNames.add(name);
    return true;
  }

  /** Of a record that follows another one: its session, shim, seq and prev are in order. */
  #isKnown({ v, kind, t, parts }: JsonObject, row: RecordRow): boolean {
    if (v !== 1 || t !== row.t || kind !== row.kind || !this.#kinds.has(row.kind)) return false;
    if (!isObject(parts)) return false;
    for (const name in parts) if (!this.#partNames.has(name)) return false;
    return true;
  }
}

/** The batch that is being looked through. */
class Batch {
  readonly findings = new Findings();
  readonly missing: AbsentPart[] = [];
  parts = 0;
  odd = false;
  readonly #first: number;
  readonly #admit = new AdmitRuns(this.findings);
  readonly #stretches = new Map<string, OpenStretch>();
  readonly #leaves: Uint8Array[] = [];
  #last: OpenStretch | undefined;

  constructor(first: number) {
    this.#first = first;
  }

  /** Whether the stored leaf hash is that of the record. */
  leafIs(stored: Buffer, leaf: string): boolean {
    this.#leaves.push(stored);
    return stored.toString('base64') === leaf;
  }

  /** The stretch of the record that was linked last. */
  get last(): OpenStretch | undefined {
    return this.#last;
  }

  /** Whether it is the next record of its chain as far as the batch can tell. */
  link(index: number, record: JsonObject, text: string, leaf: string): boolean {
    const { session, shim, seq, prev } = record as unknown as Stretch;
    if (session === OWN && shim === 'admit') this.#admit.take(index, record);
    const last = this.#last;
    const same = last !== undefined && last.shim === shim && last.session === session;
    const stretch = same ? last : this.#stretches.get(`${session}/${shim}`);
    if (stretch === undefined) {
      const place = { session, shim, chain: `${session}/${shim}`, index, seq, prev };
      this.#last = { ...place, lastIndex: index, lastSeq: seq, head: leaf, told: [] };
      this.#stretches.set(place.chain, this.#last);
    } else {
      if (seq !== stretch.lastSeq + 1 || prev !== stretch.head) return false;
      stretch.lastIndex = index;
      stretch.lastSeq = seq;
      stretch.head = leaf;
      this.#last = stretch;
    }
    if (shim === SUPERVISOR && session !== OWN) this.#last!.told.push({ index, text });
    return true;
  }

  /** Of the record that was linked last. */
  provenance(record: JsonObject): RowProvenance | null {
    const last = this.#last;
    if (last === undefined || last.session === OWN || last.shim === SUPERVISOR) return null;
    if (record.session !== last.session) return null;
    const run = this.#admit.of(last.chain, last.lastSeq);
    if (run === undefined) this.odd = true;
    return run ?? null;
  }

  certificate(sealIdx: number, seal: string): Certificate | undefined {
    this.#admit.finish(sealIdx);
    if (this.odd || this.findings.total > 0) return undefined;
    const leaves = new Uint8Array(this.#leaves.length * HASH_BYTES);
    for (const [i, leaf] of this.#leaves.entries()) leaves.set(leaf, i * HASH_BYTES);
    const { parts, missing } = this;
    const stretches = [...this.#stretches.values()];
    return { first: this.#first, end: sealIdx + 1, leaves, seal, stretches, parts, missing };
  }
}

function canonicalOf(text: string): JsonObject | undefined {
  try {
    return parseCanonicalText(text);
  } catch (error) {
    if (error instanceof ChainError) return undefined;
    throw error;
  }
}

/** Text that no record has, where the bytes are no text. */
function textOf(framed: Buffer, ascii: boolean): string {
  if (framed.length > 1 + RECORD_BYTES_MAX) return '';
  if (ascii) return framed.toString('latin1', 1);
  return isUtf8(framed) ? framed.toString('utf8', 1) : '';
}

/** A seal that also names a chain is none, and is left to be judged. */
function isSealAlone({ kind, session, shim }: JsonObject): boolean {
  return kind === 'seal' && session === undefined && shim === undefined;
}

function placeOf({ session, shim }: JsonObject): { session: string; shim: string } {
  return { session: String(session), shim: String(shim) };
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
