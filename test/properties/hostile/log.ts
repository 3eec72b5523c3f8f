/**
 * A log of a hundred thousand leaves in memory, for bundles as large as a hostile log can sign
 * them: everything is built once, when it is finished.
 */
import {
  type BuiltTree,
  type BundleInput,
  buildTree,
  type Claim,
  formatCheckpoint,
  generateLogKey,
  type HeadsTree,
  headsTree,
  leafHash,
  type MadePart,
  makeBundle,
  makeRecord,
  makeSeal,
  signNote,
  ZERO_HASH,
} from '@vitrine/chain';
import type { JsonObject } from '@vitrine/schema';

const KEY = generateLogKey('hostile.test/00112233/default.0.1', Buffer.alloc(32, 9));
export const HOSTILE_TRUST = `log ${KEY.vkey}\nquorum none\n`;
const T = '1764000000000000000';
const SALT = Buffer.alloc(16, 1);

interface Chain {
  records: Buffer[];
  parts: (MadePart & { seq: number })[];
  head: Buffer;
  index: number;
}

export class HostileLog {
  readonly texts: Buffer[] = [];
  readonly chains = new Map<string, Chain>();
  readonly #leaves: Buffer[] = [];
  #built: { tree: BuiltTree; heads: HeadsTree; note: string } | undefined;

  add(
    chain: string,
    kind: string,
    fields: JsonObject = {},
    parts: Record<string, Uint8Array> = {},
  ): { seq: number; index: number; leaf: Buffer } {
    const [session, shim] = chain.split('/') as [string, string];
    const empty: Chain = { records: [], parts: [], head: ZERO_HASH, index: 0 };
    const known = this.chains.get(chain) ?? empty;
    const place = { session, shim, seq: known.records.length, prev: known.head };
    const made = makeRecord({ kind, t: T, fields, parts }, place, () => SALT);
    const index = this.append(made.bytes);
    known.records.push(made.bytes);
    for (const part of made.parts) known.parts.push({ ...part, seq: made.seq });
    this.chains.set(chain, Object.assign(known, { head: made.leaf, index }));
    return { seq: made.seq, index, leaf: made.leaf };
  }

  /** A leaf that no chain goes on from. */
  append(bytes: Buffer): number {
    this.texts.push(bytes);
    return this.#leaves.push(leafHash(bytes)) - 1;
  }

  bundle(claim: Claim, chains: string[], attached: number[], rest: Partial<BundleInput> = {}) {
    const { note } = this.#finished();
    return makeBundle({
      claim,
      checkpoint: note,
      seal: this.leaf(this.texts.length - 1),
      chains: chains.map((chain) => this.chain(chain)),
      attached: attached.map((index) => this.leaf(index)),
      ...rest,
    });
  }

  leaf(index: number) {
    return { index, record: this.texts[index]!, proof: this.#finished().tree.path(index) };
  }

  chain(chain: string) {
    const { records, parts, index } = this.chains.get(chain)!;
    const { tree, heads } = this.#finished();
    const at = heads.index(chain);
    const head = { index: at, proof: heads.path(at) };
    return { chain, first: 0, records, parts, tip: { index, proof: tree.path(index) }, head };
  }

  leafAt(chain: string, seq: number): Buffer {
    return leafHash(this.chains.get(chain)!.records[seq]!);
  }

  /** Seals and signs; nothing can be added any more. */
  #finished() {
    if (this.#built !== undefined) return this.#built;
    const open = [...this.chains].map(([chain, { head, records }]) => {
      return { chain, head, seq: records.length - 1 };
    });
    const heads = headsTree(open);
    const { root, size } = heads;
    const sealed = { root: root.toString('base64'), size };
    const count = this.texts.length;
    this.append(makeSeal({ count, first: 0, heads: sealed, n: 0, prev: null, src: {}, t: T }));
    const tree = buildTree(this.#leaves);
    const { origin } = KEY;
    const note = signNote(
      formatCheckpoint({ origin, size: this.texts.length, root: tree.root }),
      KEY,
    );
    this.#built = { tree, heads, note };
    return this.#built;
  }
}
