/** Chains for bundles: records in order, their parts, and what says why parts are missing. */
import { type BundleChainInput, type HeadsTree, headsTree } from '@vitrine/chain';
import { BUNDLE_BYTES_MAX, BUNDLE_PAGE_RECORDS } from '@vitrine/schema';
import type { ChainRow, PartRow } from '@vitrine/store';
import { chainName } from '../../sequence/state.ts';
import { ApiError } from '../errors.ts';
import { Covering, type CoveringLeaf } from './covering.ts';
import type { ProvenTree } from './tree.ts';

/** Which records of a chain; without an end, all that the tree has. */
export interface Range {
  first: number;
  last?: number;
}

export class ChainBundler {
  readonly #tree: ProvenTree;
  readonly #withParts: boolean;
  readonly #heads: HeadsTree;
  #bytes = 0;
  /** Chains whose parts are in the bundle as far as they are there. */
  readonly #bundled: { chain: string; rows: ChainRow[]; parts: PartRow[] }[] = [];

  constructor(tree: ProvenTree, withParts: boolean) {
    this.#tree = tree;
    this.#withParts = withParts;
    this.#heads = headsTree(tree.heads);
  }

  /** `undefined` when the chain does not have all of the range. */
  async take(session: string, shim: string, range: Range): Promise<Taken | undefined> {
    const chain = chainName(session, shim);
    const rows = await this.#rows(session, shim, range);
    const [first, last] = [rows[0], rows.at(-1)];
    if (first?.seq !== range.first || last === undefined) return undefined;
    if (range.last !== undefined && last.seq !== range.last) return undefined;
    const parts = this.#withParts ? await this.#parts(session, shim, first.idx, last.idx) : null;
    if (parts !== null) this.#bundled.push({ chain, rows, parts });
    const seqOf = new Map(rows.map(({ idx, seq }) => [idx, seq]));
    const made = {
      chain,
      first: range.first,
      records: rows.map(({ record }) => Buffer.from(record, 'utf8')),
      parts: parts?.map(({ idx, ...part }) => ({ ...part, seq: seqOf.get(idx)! })) ?? null,
      tip: await this.#tree.prove(last.idx),
      ...this.#headOf(chain, last.seq),
    };
    return { made, firstIdx: first.idx, lastIdx: last.idx };
  }

  /** The leaves that say why parts are not in the bundle; asked after the parts were read. */
  async covering(session: string): Promise<CoveringLeaf[]> {
    if (this.#bundled.length === 0) return [];
    const covering = await this.#coveringBelow(session, this.#tree.size);
    if (covering.uncovered === 0) return covering.leaves;
    const later = await this.#coveringBelow(session, Number.MAX_SAFE_INTEGER);
    if (later.uncovered === covering.uncovered) return covering.leaves;
    const message = `parts of session ${session} were redacted while they were exported`;
    throw new ApiError('NOT_READY', message, 'export it again in a second');
  }

  async #coveringBelow(session: string, size: number): Promise<Covering> {
    const { store, log } = this.#tree;
    const covering = new Covering(await store.erasure.announced(log, size, { session }));
    for (const { chain, rows, parts } of this.#bundled) covering.take(chain, rows, parts);
    return covering;
  }

  async #rows(session: string, shim: string, { first, last }: Range): Promise<ChainRow[]> {
    const { store, log, size } = this.#tree;
    const rows: ChainRow[] = [];
    for (let next = first; ; next = first + rows.length) {
      const rest = last === undefined ? BUNDLE_PAGE_RECORDS : last - next + 1;
      const limit = Math.min(rest, BUNDLE_PAGE_RECORDS);
      if (limit === 0) return rows;
      const page = await store.chainRecords(log, size, session, shim, next - 1, limit);
      for (const row of page) this.#count(row.record.length);
      rows.push(...page);
      if (page.length < limit) return rows;
    }
  }

  async #parts(session: string, shim: string, first: number, last: number): Promise<PartRow[]> {
    const { store, log } = this.#tree;
    const between = { first, end: last + 1 };
    const parts = await store.partsOfChain(log, session, shim, between);
    for (const { data } of parts) this.#count(data.length);
    return parts;
  }

  /** Where the chain's last record is in the bundle, the seal's head of it is. */
  #headOf(chain: string, last: number): Pick<BundleChainInput, 'head'> {
    const index = this.#heads.index(chain);
    const head = this.#tree.heads.find((known) => known.chain === chain);
    if (head?.seq !== last) return {};
    return { head: { index, proof: this.#heads.path(index) } };
  }

  /** A bundle that cannot be made is given up before it fills the memory. */
  #count(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes <= BUNDLE_BYTES_MAX) return;
    const message = `this has more than the ${BUNDLE_BYTES_MAX} bytes of a bundle`;
    const hint = 'export it without parts (parts=0), or a range of one chain';
    throw new ApiError('TOO_LARGE', message, hint);
  }
}

export interface Taken {
  made: BundleChainInput;
  /** Leaves of the first and the last record. */
  firstIdx: number;
  lastIdx: number;
}
