/**
 * Whether what is connected can fill the fields of a rule: by the names its `needs` has, which are
 * those of sources, heard in one and the same open session.
 */
import type { JudgedSource } from './judge.ts';

/**
 * The groups of which no source is connected, in the session that comes nearest; empty when one
 * session has them all. `sessions`: the judged sources of each open session.
 */
export function missingSources(
  needs: readonly string[][],
  sessions: readonly JudgedSource[][],
): string[][] {
  let nearest = [...needs];
  for (const sources of sessions) {
    const connected = new Set(sources.filter(isConnected).map(({ item }) => item.name));
    const missing = needs.filter((group) => !group.some((name) => connected.has(name)));
    if (missing.length < nearest.length) nearest = missing;
  }
  return nearest;
}

/** One that is silent at the moment is connected; one that took another's name is not. */
function isConnected({ item, word }: JudgedSource): boolean {
  return item.last_seen !== null && word !== 'over' && item.state !== 'unexpected';
}
