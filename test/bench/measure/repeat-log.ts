/**
 * Makes a long log longer without its sequencer: the engine copies the rows to higher indices, with
 * other sessions, and this process makes the tree and its tiles over the same leaf hashes again. A
 * collector takes it for what it is, a log with a signed tree; `fsck` would not: links and seals of
 * the copies are those of the originals.
 */
import { join } from 'node:path';
import { TiledTree } from '@vitrine/chain';
import { openStore, type Store } from '@vitrine/store';
import { openIdentity } from '../../../apps/collector/src/sequence/identity.ts';
import { Connection } from '../../../packages/store/src/client/connection.ts';
import { EngineSupervisor } from '../../../packages/store/src/engine/supervisor.ts';

const DATABASE = 'vitrine';
const LEAVES_PAGE = 65_536;
const TILES_PAGE = 2_000;
const COPY_SECONDS_MAX = 600;
/** Copies of the log's own chains go on above these. */
const SEQ_STEP = 10_000_000;

/** The tree of `times` copies of the log as it stands, its rows and tiles stored. */
export async function repeatLog(dataDir: string, times: number): Promise<TiledTree> {
  const { log } = openIdentity(dataDir, 'bench', 'default');
  const dir = join(dataDir, 'store');
  const engine = await EngineSupervisor.start({ dir, database: DATABASE, log: () => {} });
  const { url, app } = engine;
  const admin = new Connection({ url, ...app, database: DATABASE, up: () => true });
  const store = await openStore({ mode: 'server', url, ...app }, () => {});
  try {
    const { size } = (await store.lastCheckpoint(log))!;
    for (let copy = 1; copy < times; copy++) await copyRows(admin, log, size, copy);
    return await treeOf(store, admin, log, size, times);
  } finally {
    await admin.close();
    await store.close();
    await engine.close();
  }
}

async function copyRows(admin: Connection, log: string, size: number, copy: number): Promise<void> {
  const changed = `idx + {shift:UInt64} AS idx,
    if(session = 'log', session, concat(session, '-', {copy:String})) AS session`;
  const above = "if(session = 'log' AND seq >= 0, seq + {seqs:Int64}, seq) AS seq";
  const shift = copy * size;
  const params = { log, size, shift, copy: String(copy), seqs: copy * SEQ_STEP };
  const settings = { max_execution_time: COPY_SECONDS_MAX };
  // With the table's name: a bare `idx` would be the shifted one.
  const where = (table: string): string =>
    `FROM ${table} WHERE ${table}.log = {log:String} AND ${table}.idx < {size:UInt64}`;
  await admin.command(
    `INSERT INTO records SELECT * REPLACE (${changed}, ${above}) ${where('records')}`,
    params,
    settings,
  );
  await admin.command(
    `INSERT INTO supervision SELECT * REPLACE (${changed}) ${where('supervision')}`,
    params,
    settings,
  );
}

async function treeOf(
  store: Store,
  admin: Connection,
  log: string,
  size: number,
  times: number,
): Promise<TiledTree> {
  const leaves: Buffer[] = [];
  for (let first = 0; first < size; first += LEAVES_PAGE) {
    const end = Math.min(size, first + LEAVES_PAGE);
    for (const leaf of await store.evidence.fast.leaves(log, first, end)) leaves.push(leaf);
  }
  const tree = new TiledTree();
  const rows: { level: number; n: number; hashes: string }[] = [];
  const flush = async (): Promise<void> => {
    const list = rows
      .splice(0)
      .map(({ level, n, hashes }) => `('${log}',${level},${n},unhex('${hashes}'))`);
    if (list.length > 0) await admin.command(`INSERT INTO tiles VALUES ${list.join(',')}`);
  };
  for (let at = 0; at < size * times; at++) {
    for (const { level, n, hashes } of tree.append(leaves[at % size]!)) {
      const standing = (n + 1) * 256 ** (level + 1) <= size;
      if (!standing) rows.push({ level, n, hashes: hashes.toString('hex') });
    }
    if (rows.length >= TILES_PAGE) await flush();
  }
  await flush();
  return tree;
}
