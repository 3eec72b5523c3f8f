/**
 * Makes a data directory from a backup (LOG.md §3, Rebuild): the log goes on where it was, or is
 * refused. Nothing is signed before all that is known of it elsewhere is reached, and the directory
 * has no name before it is checked.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseCheckpointNote } from '@vitrine/chain';
import { fsck, type Manifest, openManifest, openStore, type Store } from '@vitrine/store';
import { type Config, loadConfig, storeConfig } from '../config.ts';
import { CollectorError } from '../error.ts';
import { type LogIdentity, openIdentity } from '../sequence/identity.ts';
import { IntentStore } from '../sequence/intents.ts';
import { recoverLog } from '../sequence/recover.ts';
import {
  type KnownNote,
  knownNote,
  reachable,
  readKnown,
  refuseBehind,
  refuseForked,
} from './known.ts';
import { makeData, placeKept, placeSurvivors } from './place.ts';

export interface RebuildOptions {
  dataDir: string;
  /** Directory of the backup. */
  from: string;
  configFile?: string | undefined;
  /** What is left of the old data directory. */
  old?: string | undefined;
  /** Files with checkpoints or pins of this log, from elsewhere. */
  notes: readonly string[];
  log: (line: string) => void;
  onProgress: (progress: { step: 'restore' | 'check'; done: number; size: number }) => void;
}

export interface Rebuilt {
  origin: string;
  /** Size of the tree that the backup has. */
  restored: number;
  /** Size of the tree that the log goes on from. */
  size: number;
  /** Parts that are gone, and no record says why. */
  absent: number;
}

/** Throws CollectorError and StoreError; then there is no data directory. */
export async function rebuild(options: RebuildOptions): Promise<Rebuilt> {
  const manifest = openManifest(options.from);
  return makeData(options.dataDir, (staging) => rebuildIn(staging, manifest, options));
}

async function rebuildIn(
  staging: string,
  manifest: Manifest,
  options: RebuildOptions,
): Promise<Rebuilt> {
  const { from, old, configFile } = options;
  placeKept(from, manifest, staging, () => true);
  if (old !== undefined) placeSurvivors(old, staging);
  const config = loadConfig(staging, configFile);
  refuseOtherTenant(config, manifest);
  const identity = openIdentity(staging, config.name, config.tenant);
  const known = knownNotes(identity, manifest, options);
  const store = await openStore(storeConfig(config), options.log);
  try {
    return await rebuildLog({ store, identity, manifest, known }, options);
  } finally {
    await store.close();
  }
}

/** All that is known of what the log has published, each with a signature of its key. */
function knownNotes(
  { log, origin, trust }: LogIdentity,
  manifest: Manifest,
  { from, old, notes }: RebuildOptions,
): KnownNote[] {
  const folder = join(old ?? from, 'log', log, 'note');
  const survived = existsSync(folder) ? readdirSync(folder) : [];
  return [
    knownNote(manifest.note, from, origin, trust),
    ...survived
      .filter((name) => /^\d+$/.test(name))
      .map((name) => join(folder, name))
      .map((path) => knownNote(readFileSync(path, 'utf8'), path, origin, trust)),
    ...notes.map((path) => readKnown(path, origin, trust)),
  ];
}

interface Ground {
  store: Store;
  identity: LogIdentity;
  manifest: Manifest;
  known: KnownNote[];
}

async function rebuildLog(ground: Ground, options: RebuildOptions): Promise<Rebuilt> {
  const { store, identity, manifest, known } = ground;
  const { log, origin, trust } = identity;
  const intents = new IntentStore(identity.dir);
  const base = known[0]!;
  const trees = reachable(intents, { size: base.size, root: base.root.toString('base64') });
  refuseBehind(known, intents, Math.max(...trees.keys()));
  let absent = 0;
  await store.restore(options.from, {
    trust,
    onProgress: (progress) => options.onProgress({ step: 'restore', ...progress }),
    onAbsent: () => absent++,
  });
  await refuseForked(known, async (size) => {
    return trees.get(size) ?? (await storedRoot(store, log, size));
  });
  if (intents.newest() === null) await intents.publish(base);
  const { tenant } = identity;
  const target = { tenant, origin, key: identity.key, store, intents };
  const { published } = await recoverLog(identity, target, {
    publishedMax: Number.POSITIVE_INFINITY,
  });
  if (published === null) throw unsound('nothing is published');
  const announced = await store.erasure.announced(log, published.size);
  if (announced.length > 0) await store.erasure.erase(log, published.size, announced);
  await checkStore(ground, published.note, options);
  return { origin, restored: manifest.size, size: published.size, absent };
}

async function storedRoot(store: Store, log: string, size: number): Promise<string | undefined> {
  for await (const [line] of store.backup.lines('notes', log, size - 1, size)) {
    if (line === undefined) return undefined;
    return parseCheckpointNote(JSON.parse(line) as string).root.toString('base64');
  }
  return undefined;
}

/** The whole store once more, as `fsck` does. Parts that were gone before are no hindrance. */
async function checkStore(
  { store, identity: { log, origin, trust } }: Ground,
  note: string,
  { onProgress }: RebuildOptions,
): Promise<void> {
  const report = await fsck(
    store,
    { log, origin, trust, note },
    { onProgress: ({ checked, size }) => onProgress({ step: 'check', done: checked, size }) },
  );
  if (report.findingsTotal === report.uncoveredTotal) return;
  const first = report.findings.find(({ found }) => found !== 'none') ?? report.findings[0]!;
  throw unsound(`${first.table} ${first.index} ${first.column}: ${first.found}`);
}

function refuseOtherTenant({ tenant }: Config, manifest: Manifest): void {
  if (tenant === manifest.tenant) return;
  const message = `the settings are of tenant ${tenant}, the backup of ${manifest.tenant}`;
  throw new CollectorError('CONFIG_INVALID', message, 'give the settings of the log: --config');
}

function unsound(what: string): CollectorError {
  const hint = 'nothing was kept; is the database that of this log alone, and empty?';
  return new CollectorError('REBUILD_UNSOUND', `the rebuilt store does not check: ${what}`, hint);
}
