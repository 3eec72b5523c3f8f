/**
 * One published tree whose seal has heads, and bundles made for it. Trusts nothing it reads less
 * than the verifier will: what does not prove, fails there.
 */
import {
  type BundleInput,
  type CheckpointNote,
  type Claim,
  consistencyPath,
  inclusionPath,
  makeBundle,
  type NodeReader,
  type ProvenIndex,
} from '@vitrine/chain';
import type { Store } from '@vitrine/store';
import type { EvidenceTree } from '../../sequence/state.ts';
import { ApiError } from '../errors.ts';
import { nodeReader } from '../nodes.ts';

/** A checkpoint that an auditor has kept. */
export interface Kept {
  note: string;
  checkpoint: CheckpointNote;
}

export type AttachedInput = BundleInput['attached'];
/** What a claim needs beside the checkpoint and its seal. */
export type ClaimParts = Partial<Pick<BundleInput, 'chains' | 'attached' | 'neighbours'>>;

export class ProvenTree {
  readonly store: Store;
  readonly log: string;
  readonly heads: EvidenceTree['heads'];
  readonly size: number;
  readonly #note: string;
  readonly #kept: Kept | undefined;
  readonly #node: NodeReader;

  constructor(store: Store, log: string, { note, heads }: EvidenceTree, kept?: Kept) {
    this.store = store;
    this.log = log;
    this.heads = heads;
    this.size = note.size;
    this.#note = note.note;
    this.#kept = kept;
    this.#node = nodeReader(store, log, note.size);
  }

  async prove(index: number): Promise<ProvenIndex> {
    return { index, proof: await inclusionPath(index, this.size, this.#node) };
  }

  /** In order of index, each once. */
  attach(leaves: readonly { idx: number; record: string }[]): Promise<AttachedInput> {
    const once = new Map(leaves.map((leaf) => [leaf.idx, leaf.record]));
    return Promise.all(
      [...once]
        .sort(([a], [b]) => a - b)
        .map(async ([idx, record]) => {
          return { record: Buffer.from(record, 'utf8'), ...(await this.prove(idx)) };
        }),
    );
  }

  async bundle(claim: Claim, { chains = [], attached = [], neighbours }: ClaimParts) {
    const last = this.size - 1;
    const seal = await this.store.record(this.log, this.size, last);
    if (seal === undefined) throw new ApiError('INTERNAL', `the seal at ${last} is missing`);
    const { proof } = await this.prove(last);
    return makeBundle({
      claim,
      checkpoint: this.#note,
      seal: { record: Buffer.from(seal.record, 'utf8'), proof },
      chains,
      attached,
      neighbours,
      consistency: await this.#consistency(),
    });
  }

  /**
   * The kept checkpoint as it was given: where the log was rewritten since, this is what the
   * verifier finds. The same tree needs no proof.
   */
  async #consistency(): Promise<BundleInput['consistency']> {
    if (this.#kept === undefined) return undefined;
    const { note, checkpoint } = this.#kept;
    if (checkpoint.size > this.size) {
      throw new ApiError('NOT_READY', `no seal with heads is beyond size ${checkpoint.size} yet`);
    }
    if (checkpoint.size === this.size) return undefined;
    return { from: note, proof: await consistencyPath(checkpoint.size, this.size, this.#node) };
  }
}
