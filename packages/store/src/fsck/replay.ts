/**
 * One pass over the leaves of a log in order of index: each record is hashed, linked and derived
 * again; each batch is judged at its seal. Owns everything that grows with the log.
 */
import { admitRecord, ChainError, leafHash, type Trust } from '@vitrine/chain';
import { isObject, type JsonObject, recordColumns } from '@vitrine/schema';
import { deriveColumns, deriveSupervision, type RowProvenance } from '../derive.ts';
import type { Coverage } from '../erase/coverage.ts';
import { tenantOf } from '../query/columns.ts';
import type { RecordRow, SupervisionRow } from '../row.ts';
import { AdmitRuns } from './admit.ts';
import type { Certificate } from './certificate.ts';
import { ChainReplay } from './chains.ts';
import { CheckpointWalk } from './checkpoints.ts';
import { compareRecord, compareSupervision } from './columns.ts';
import type { EvidenceReader, PartDigest } from './evidence.ts';
import { parsedObject } from './parsed.ts';
import { PartCheck } from './parts.ts';
import type { Findings } from './report.ts';
import { SealReplay } from './seals.ts';
import type { StoredRow } from './stored.ts';
import { TileWalk } from './tiles.ts';
import { type LeafPair, TreeReplay } from './tree.ts';

export interface ReplayOptions {
  reader: EvidenceReader;
  log: string;
  origin: string;
  trust: Trust;
  coverage: Coverage;
  findings: Findings;
}

/** What else is stored for one leaf. */
export interface Beside {
  supervision: SupervisionRow[];
  parts: PartDigest[];
}

/** A seal as far as it is judged with its batch. */
type SealText = Pick<RecordRow, 'idx' | 'record'>;

const OWN = 'log';
const SEAL = 'seal';
const HASH_BYTES = 32;

export class Replay {
  readonly #log: string;
  readonly #tenant: string;
  readonly #findings: Findings;
  readonly #admit: AdmitRuns;
  readonly #chains: ChainReplay;
  readonly #seals: SealReplay;
  readonly #tiles: TileWalk;
  readonly #tree = new TreeReplay();
  readonly parts: PartCheck;
  readonly checkpoints: CheckpointWalk;
  #batch: LeafPair[] = [];
  /** Leaves of which no row was found: the tree cannot come out right. */
  #holes = false;

  constructor({ reader, log, origin, trust, coverage, findings }: ReplayOptions) {
    this.#log = log;
    this.#tenant = tenantOf(log);
    this.#findings = findings;
    this.#admit = new AdmitRuns(findings);
    this.#chains = new ChainReplay(findings);
    this.#seals = new SealReplay(findings);
    this.#tiles = new TileWalk(reader, log, findings);
    this.parts = new PartCheck(findings, coverage);
    this.checkpoints = new CheckpointWalk(reader.checkpoints(log), origin, trust, findings);
  }

  /** Leaves that are in a sealed tree so far. */
  get size(): number {
    return this.#tree.size;
  }

  root(): Buffer {
    return this.#tree.root();
  }

  /** Leaves behind the last seal; a published tree has none. */
  get unsealed(): number {
    return this.#batch.length;
  }

  get broken(): boolean {
    return this.#holes || this.#tree.lost;
  }

  hole(idx: number): void {
    this.#findings.add('records', idx, 'idx', 'a row', 'none');
    this.#holes = true;
    const nothing = leafHash(Buffer.alloc(0));
    this.#batch.push({ computed: nothing, stored: nothing });
  }

  /** Judges one leaf; `true` when it is a seal, which must then be given to `seal`. */
  take(row: StoredRow, beside: Beside): boolean {
    const { record, leaf } = this.#link(row, row.bytes);
    const same = leaf.equals(row.leaf);
    if (!same) this.#findings.add('records', row.idx, 'leaf', leaf, row.leaf);
    this.#batch.push({ computed: leaf, stored: same ? leaf : row.leaf });
    if (record === undefined) return false;
    this.#judge(row, record, leaf, beside);
    return record.kind === SEAL && record.session === undefined;
  }

  /**
   * A whole batch that was certified. `false` when the log before it does not let it pass: nothing
   * has moved then, and it must be judged row by row.
   */
  async pass(batch: Certificate): Promise<boolean> {
    if (this.#batch.length > 0) return false;
    if (!batch.stretches.every((stretch) => this.#chains.continues(stretch))) return false;
    const leaves = hashesOf(batch.leaves);
    for (const leaf of leaves) this.#batch.push({ computed: leaf, stored: leaf });
    const at = (index: number): Buffer => leaves[index - batch.first]!;
    for (const stretch of batch.stretches) {
      const { session, shim, index, lastIndex, told } = stretch;
      if (told.length === 0) this.#chains.pass(stretch, at(index), at(lastIndex));
      for (const { index, text } of told) {
        this.#chains.take(index, session, shim, JSON.parse(text) as JsonObject, at(index));
      }
    }
    this.parts.pass(batch);
    await this.seal({ idx: batch.end - 1, record: batch.seal });
    return true;
  }

  /** Ends a batch: its tree, its checkpoint, and what its seal says of both. */
  async seal(row: SealText): Promise<void> {
    const before = this.#tree.size === 0 ? null : { root: this.root(), size: this.#tree.size };
    const size = row.idx + 1;
    const signed = await this.checkpoints.rootAt(size);
    const wasBroken = this.broken;
    const brought = this.#chains.finish();
    this.#admit.finish(row.idx);
    const { tiles, right } = this.#tree.append(this.#batch, signed);
    this.#batch = [];
    if (wasBroken || this.#holes) return;
    this.#seals.check(row, before, () => this.#chains.heads(), brought);
    if (!right) {
      this.#findings.add('checkpoints', size, 'root', this.root(), signed);
      return;
    }
    for (const tile of tiles) await this.#tiles.check(tile);
  }

  /** Checks a record's place in its chain, and moves the chain on. */
  #link(row: RecordRow, bytes: Buffer): { record: JsonObject | undefined; leaf: Buffer } {
    const place = this.#chains.place(row.session, row.shim);
    try {
      const admitted = admitRecord(place, bytes);
      this.#chains.take(row.idx, row.session, row.shim, admitted.record, admitted.leaf);
      return admitted;
    } catch (error) {
      if (!(error instanceof ChainError)) throw error;
      const leaf = leafHash(bytes);
      return { record: this.#relink(row, bytes, leaf, error), leaf };
    }
  }

  /** A seal, a row whose columns name another chain than its record, or a record that is wrong. */
  #relink(row: RecordRow, bytes: Buffer, leaf: Buffer, error: ChainError): JsonObject | undefined {
    const record = parsedObject(row.record);
    if (record === undefined) {
      this.#findings.add('records', row.idx, 'record', 'canonical JSON', error.message);
      return undefined;
    }
    const { session, shim } = record;
    if (record.kind === SEAL && session === undefined) return record;
    if (typeof session !== 'string' || typeof shim !== 'string') {
      this.#findings.add('records', row.idx, 'record', 'a record (LOG.md §1)', error.message);
      return undefined;
    }
    const fault = this.#faultOf(session, shim, bytes);
    if (fault !== undefined) {
      this.#findings.add('records', row.idx, 'record', 'the next record of its chain', fault);
    }
    this.#chains.take(row.idx, session, shim, record, leaf);
    return record;
  }

  #faultOf(session: string, shim: string, bytes: Buffer): string | undefined {
    try {
      admitRecord(this.#chains.place(session, shim), bytes);
      return undefined;
    } catch (error) {
      if (error instanceof ChainError) return error.message;
      throw error;
    }
  }

  #judge(row: RecordRow, record: JsonObject, leaf: Buffer, beside: Beside): void {
    const { session, shim } = recordColumns(record);
    if (session === OWN && shim === 'admit') this.#admit.take(row.idx, record);
    const provenance = this.#provenance(row.idx, session, shim, record);
    const { tenant, log } = { tenant: this.#tenant, log: this.#log };
    const source = { tenant, log, index: row.idx, session, shim, leaf, record: row.record };
    const expected = deriveColumns({ ...source, provenance }, record);
    compareRecord(expected, row, this.#findings);
    const supervised = deriveSupervision(expected);
    compareSupervision(row.idx, supervised, beside.supervision, this.#findings);
    const committed = isObject(record.parts) ? (record.parts as Record<string, string>) : {};
    this.parts.check(expected, committed, beside.parts);
  }

  /** `sup` and the log's own chains have no runs: nobody sent them. */
  #provenance(
    idx: number,
    session: string,
    shim: string,
    record: JsonObject,
  ): RowProvenance | null {
    if (session === OWN || shim === 'sup') return null;
    const chain = `${session}/${shim}`;
    const run = this.#admit.of(chain, Number(record.seq));
    if (run === undefined) {
      this.#findings.add('records', idx, 'runs', `an admit run of ${chain}`, 'none');
    }
    return run ?? null;
  }
}

/** Views of hashes that stand one after the other. */
function hashesOf({ buffer, byteOffset, length }: Uint8Array): Buffer[] {
  return Array.from({ length: length / HASH_BYTES }, (_, i) =>
    Buffer.from(buffer, byteOffset + i * HASH_BYTES, HASH_BYTES),
  );
}
