/**
 * The tree over the last record of each chain that a seal commits to (LOG.md §3), and the leaves
 * that prove a session is not among them (§4).
 */
import { ChainError } from '../error.ts';
import { leafHash } from '../hash/node.ts';
import { isChainName } from '../verify/form.ts';
import { buildTree } from './tile.ts';

export interface Head {
  chain: string;
  /** Leaf hash of the chain's last record. */
  head: Buffer;
  seq: number;
}

export interface HeadsTree {
  root: Buffer;
  size: number;
  /** Canonical bytes of the leaves, sorted by the bytes of `chain`. */
  leaves: Buffer[];
  path(i: number): Buffer[];
  /** Where the chain's head stands; -1 if it has none. */
  index(chain: string): number;
  /** Indices of the leaves around the place where chains of `session` would stand. */
  around(session: string): number[];
}

/** Sorts the heads itself. Throws HEADS_INVALID when a chain is named twice. */
export function headsTree(heads: Head[]): HeadsTree {
  const sorted = heads.toSorted((a, b) => (a.chain < b.chain ? -1 : 1));
  const indices = new Map<string, number>();
  for (const [i, { chain }] of sorted.entries()) indices.set(chain, i);
  if (indices.size !== sorted.length) {
    throw new ChainError('HEADS_INVALID', 'two heads of one chain');
  }
  const leaves = sorted.map((head) => Buffer.from(headText(head), 'latin1'));
  const { root, path } = buildTree(leaves.map(leafHash));
  return {
    root,
    size: leaves.length,
    leaves,
    path,
    index: (chain) => indices.get(chain) ?? -1,
    around: (session) => around(sorted, session),
  };
}

/**
 * Canonical text (LOG.md §3), all ASCII: neither a chain's name nor base64 has a character to
 * escape. Throws HEADS_INVALID for what is no chain's name.
 */
export function headText({ chain, head, seq }: Head): string {
  return `${headStart(chain)}${headRest(head, seq)}`;
}

/** All of it that does not change while the chain grows. */
export function headStart(chain: string): string {
  if (!isChainName(chain)) throw new ChainError('HEADS_INVALID', 'a head without a chain name');
  return `{"chain":"${chain}","head":"`;
}

export function headRest(head: Buffer, seq: number): string {
  return `${head.toString('base64')}","seq":${seq}}`;
}

/** The last chain before `session/` and the first from `session0` on (`0` follows `/` in ASCII). */
function around(sorted: Head[], session: string): number[] {
  const left = sorted.findLastIndex(({ chain }) => chain < `${session}/`);
  const right = sorted.findIndex(({ chain }) => chain >= `${session}0`);
  return [left, right].filter((i) => i >= 0);
}
