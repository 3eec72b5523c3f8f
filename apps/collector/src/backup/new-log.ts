/**
 * The end of an origin that cannot go on (LOG.md §3, Rebuild): a data directory with a new log,
 * whose first record names the newest tree of the old one that anybody has shown.
 */
import { join } from 'node:path';
import { openManifest } from '@vitrine/store';
import { loadConfig } from '../config.ts';
import { replaceFile } from '../files.ts';
import { Journal } from '../queue/journal.ts';
import { openIdentity } from '../sequence/identity.ts';
import { knownNote, readKnown } from './known.ts';
import { makeData, placeKept } from './place.ts';
import type { RebuildOptions } from './rebuild.ts';

export interface NewLog {
  origin: string;
  /** The newest tree of the old log that is known; `root` in base64. */
  previous: { origin: string; size: number; root: string };
}

/** What goes on in a new log: what is said, not what was recorded. */
const KEPT = /^(vitrine\.yaml|tokens\.json|admin\.token|rules\/.*|keys\/fingerprint\.key)$/;
const NS_PER_MS = 1_000_000n;

/** Throws as `rebuild` does; then there is no data directory. */
export async function startNewLog(options: RebuildOptions): Promise<NewLog> {
  const { dataDir, from, notes, configFile } = options;
  const manifest = openManifest(from);
  const { origin, trust } = manifest;
  const known = [
    knownNote(manifest.note, from, origin, trust),
    ...notes.map((path) => readKnown(path, origin, trust)),
  ];
  const newest = known.reduce((a, b) => (b.size > a.size ? b : a));
  const previous = { origin, size: newest.size, root: newest.root.toString('base64') };
  return makeData(dataDir, async (staging) => {
    placeKept(from, manifest, staging, (path) => KEPT.test(path));
    const config = loadConfig(staging, configFile);
    const identity = openIdentity(staging, config.name, config.tenant);
    replaceFile(join(staging, 'trust.txt'), identity.trust);
    await announce(config.journal.dir ?? join(staging, 'journal'), previous, options);
    return { origin: identity.origin, previous };
  });
}

/** The first input of the new log: its first batch begins with it. */
async function announce(
  dir: string,
  previous: NewLog['previous'],
  { log }: RebuildOptions,
): Promise<void> {
  const journal = new Journal({ dir, fsync: true, log });
  journal.open(0, () => {});
  try {
    const observed = String(BigInt(Date.now()) * NS_PER_MS);
    const fields = { previous };
    await journal.append({ kind: 'own', chain: 'audit', record: 'config', observed, fields });
  } finally {
    await journal.close();
  }
}
