/** The leaves on both sides of the place where a session's chains would stand (LOG.md §4). */
import type { BundleInput, HeadsTree } from '@vitrine/chain';
import { ApiError } from '../errors.ts';

/** Throws CLAIM_FALSE when the tree has a chain of the session. */
export function neighboursOf(
  tree: HeadsTree,
  session: string,
  what: string,
): NonNullable<BundleInput['neighbours']> {
  const around = tree.around(session);
  if (!isGap(around, tree.size, tree.leaves, session)) {
    const message = `${what}: it cannot be proven to be absent`;
    throw new ApiError('CLAIM_FALSE', message);
  }
  return around.map((index) => ({ index, leaf: tree.leaves[index]!, proof: tree.path(index) }));
}

/** Nothing stands between the two; where there is one alone, it is the first or the last. */
function isGap(around: number[], size: number, leaves: Buffer[], session: string): boolean {
  const [a, b] = around;
  if (a === undefined) return size === 0;
  if (b !== undefined) return b === a + 1;
  const { chain } = JSON.parse(leaves[a]!.toString()) as { chain: string };
  return chain < `${session}/` ? a === size - 1 : a === 0;
}
