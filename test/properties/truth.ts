/**
 * What a log says, read off its records without tree, proof or signature: judges whether a claim
 * that a verifier accepted is so.
 */

export interface Truth {
  /** Text of each leaf, seals included, in order. */
  log: string[];
}

interface Leaf {
  kind: string;
  session?: string;
  shim?: string;
  first?: number;
  t: string;
}

const MS_PER_NS = 1_000_000n;

/** The log had no record of `session` below `size` that no `close` followed (LOG.md §4). */
export function isAbsent({ log }: Truth, size: number, session: string): boolean {
  const sup = read(log.slice(0, size)).filter((leaf) => leaf.session === session);
  return sup.length === 0 || sup.some(({ shim, kind }) => shim === 'sup' && kind === 'close');
}

/** No record of `session` is in a batch below `size` whose seal is of that UTC day. */
export function isInactive(
  { log }: Truth,
  size: number,
  { session, day }: { session: string; day: string },
): boolean {
  const leaves = read(log.slice(0, size));
  return !leaves.some((seal, index) => {
    if (seal.kind !== 'seal' || seal.session !== undefined || dayOf(seal.t) !== day) return false;
    return leaves.slice(seal.first!, index).some((leaf) => leaf.session === session);
  });
}

function read(log: string[]): Leaf[] {
  return log.map((text) => JSON.parse(text) as Leaf);
}

function dayOf(t: string): string {
  return new Date(Number(BigInt(t) / MS_PER_NS)).toISOString().slice(0, 10);
}
