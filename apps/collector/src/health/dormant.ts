/**
 * Whether what is connected can fill the fields of a rule: by the names its `needs` has, which are
 * those of sources, heard in one and the same open session.
 */
import { SOURCES } from '@vitrine/shim/registry';
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

/** One that is silent at the moment is connected; an agent that took the name of one is not. */
function isConnected({ item, word }: JudgedSource): boolean {
  const known = SOURCES.find(({ name }) => name === item.name);
  const isForged = item.vantage === 'agent' && known !== undefined && known.vantage !== 'agent';
  return item.last_seen !== null && word !== 'over' && !isForged;
}
