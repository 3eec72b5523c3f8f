/**
 * Makes bundles (LOG.md §4) out of what the store has: the prover. It trusts nothing it reads less
 * than the verifier will: what does not prove, fails there.
 */
import {
  type BundleChainInput,
  type HeadsTree,
  headsTree,
  inclusionPath,
  makeBundle,
  type NodeReader,
  type ProvenIndex,
} from '@vitrine/chain';
import { BUNDLE_BYTES_MAX, BUNDLE_PAGE_RECORDS, type JsonObject } from '@vitrine/schema';
import type { PartRow, RecordRow, Store } from '@vitrine/store';
import { chainName, type EvidenceTree, OWN_SESSION, SUPERVISOR_SHIM } from '../sequence/state.ts';
import { ApiError } from './errors.ts';
import { nodeReader } from './nodes.ts';
import { type CoveredRow, Covering, type CoveringLeaf } from './prove/covering.ts';

export class Prover {
  readonly #store: Store;
  readonly #log: string;
  readonly #tree: EvidenceTree;
  readonly #node: NodeReader;
  #bytes = 0;
  /** Chains whose parts are in the bundle as far as they are there. */
  readonly #bundled: { chain: string; rows: CoveredRow[]; parts: PartRow[] }[] = [];

  constructor(store: Store, log: string, tree: EvidenceTree) {
    this.#store = store;
    this.#log = log;
    this.#tree = tree;
    this.#node = nodeReader(store, log, tree.note.size);
  }

  /** Everything the log has of one session, with or without the content of its records. */
  async session(session: string, withParts: boolean): Promise<Buffer> {
    const heads = headsTree(this.#tree.heads);
    const shims = await this.#store.shims(this.#log, this.#size, session);
    if (!shims.includes(SUPERVISOR_SHIM)) {
      const message = `session ${session} is not in the published log yet`;
      throw new ApiError('NOT_FOUND', message, 'try again in a second');
    }
    const chains: BundleChainInput[] = [];
    for (const shim of shims) chains.push(await this.#chain(session, shim, heads, withParts));
    const attached = await this.#attached(await this.#covering(session));
    return this.#bundle({ type: 'session', session }, chains, attached);
  }

  /** One leaf, with the admit record that says how it arrived. */
  async event(row: RecordRow): Promise<Buffer> {
    // The newest tree may be larger than the newest one whose seal has heads.
    if (row.idx >= this.#size) {
      throw new ApiError('NOT_READY', `no seal with heads covers leaf ${row.idx} yet`);
    }
    const leaves = [row];
    const admit = await this.#admitOf(row);
    if (admit !== undefined) leaves.unshift(admit);
    const attached = await this.#attached(leaves);
    return this.#bundle({ type: 'event', index: row.idx }, [], attached);
  }

  /** The leaves that say why parts are not in the bundle; asked after the parts were read. */
  async #covering(session: string): Promise<CoveringLeaf[]> {
    if (this.#bundled.length === 0) return [];
    const covering = await this.#coveringBelow(session, this.#size);
    if (covering.uncovered === 0) return covering.leaves;
    const later = await this.#coveringBelow(session, Number.MAX_SAFE_INTEGER);
    if (later.uncovered === covering.uncovered) return covering.leaves;
    const message = `parts of session ${session} were redacted while they were exported`;
    throw new ApiError('NOT_READY', message, 'export it again in a second');
  }

  async #coveringBelow(session: string, size: number): Promise<Covering> {
    const covering = new Covering(
      await this.#store.erasure.announced(this.#log, size, { session }),
    );
    for (const { chain, rows, parts } of this.#bundled) covering.take(chain, rows, parts);
    return covering;
  }

  #attached(leaves: readonly CoveringLeaf[]): Promise<(ProvenIndex & { record: Buffer })[]> {
    return Promise.all(
      leaves.map(async (leaf) => ({
        record: Buffer.from(leaf.record, 'utf8'),
        ...(await this.#prove(leaf.idx)),
      })),
    );
  }

  /** A bundle that cannot be made is given up before it fills the memory. */
  #count(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes <= BUNDLE_BYTES_MAX) return;
    const message = `the session has more than the ${BUNDLE_BYTES_MAX} bytes of a bundle`;
    throw new ApiError('TOO_LARGE', message, 'export it without parts (parts=0)');
  }

  get #size(): number {
    return this.#tree.note.size;
  }

  async #bundle(
    claim: Parameters<typeof makeBundle>[0]['claim'],
    chains: BundleChainInput[],
    attached: (ProvenIndex & { record: Buffer })[],
  ): Promise<Buffer> {
    const last = this.#size - 1;
    const seal = await this.#store.record(this.#log, this.#size, last);
    if (seal === undefined) throw new ApiError('INTERNAL', `the seal at ${last} is missing`);
    const { proof } = await this.#prove(last);
    return makeBundle({
      claim,
      checkpoint: this.#tree.note.note,
      seal: { record: Buffer.from(seal.record, 'utf8'), proof },
      chains,
      attached,
    });
  }

  async #chain(
    session: string,
    shim: string,
    heads: HeadsTree,
    withParts: boolean,
  ): Promise<BundleChainInput> {
    const chain = chainName(session, shim);
    const records: Buffer[] = [];
    const rows: CoveredRow[] = [];
    const seqOf = new Map<number, number>();
    let tip = -1;
    for (let after = -1; ; after = records.length - 1) {
      const page = await this.#store.chainRecords(
        this.#log,
        this.#size,
        session,
        shim,
        after,
        BUNDLE_PAGE_RECORDS,
      );
      for (const { idx, seq, record } of page) {
        this.#count(record.length);
        records.push(Buffer.from(record, 'utf8'));
        rows.push({ idx, seq, record });
        seqOf.set(idx, seq);
        tip = idx;
      }
      if (page.length < BUNDLE_PAGE_RECORDS) break;
    }
    const parts = withParts
      ? await this.#store.partsOfChain(this.#log, this.#size, session, shim)
      : null;
    for (const { data } of parts ?? []) this.#count(data.length);
    if (parts !== null) this.#bundled.push({ chain, rows, parts });
    const head = heads.index(chain);
    return {
      chain,
      first: 0,
      records,
      parts: parts?.map((part) => partOf(part, seqOf)) ?? null,
      tip: await this.#prove(tip),
      ...(head < 0 ? {} : { head: { index: head, proof: heads.path(head) } }),
    };
  }

  /** The admit record of the batch that brought a leaf stands before it, in the same batch. */
  async #admitOf(row: RecordRow): Promise<RecordRow | undefined> {
    if (row.observed === '0') return undefined;
    const filter = { log: this.#log, size: row.idx, order: 'desc' as const, limit: ADMITS_SEEN };
    const admits = await this.#store.events({ ...filter, session: OWN_SESSION, kinds: ['admit'] });
    return admits.find((admit) => covers(admit, row));
  }

  async #prove(index: number): Promise<ProvenIndex> {
    return { index, proof: await inclusionPath(index, this.#size, this.#node) };
  }
}

/** A batch has at most this many admit records: its rows, by 100 runs each. */
const ADMITS_SEEN = 200;

function partOf(part: PartRow, seqOf: Map<number, number>) {
  const { idx, name, salt, data } = part;
  return { seq: seqOf.get(idx)!, name, salt, data };
}

function covers(admit: RecordRow, { session, shim, seq }: RecordRow): boolean {
  const { runs } = JSON.parse(admit.record) as JsonObject;
  const chain = chainName(session, shim);
  return (runs as { chain: string; first: number; last: number }[]).some(
    (run) => run.chain === chain && seq !== null && run.first <= seq && seq <= run.last,
  );
}
