import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { parseQuery } from '@vitrine/schema/query';
import { EngineSupervisor } from '../engine/supervisor.ts';
import { makeLog } from '../fixture/fsck.ts';
import { insert } from '../fixture/log.ts';
import { openStore } from '../open.ts';
import { PullReader } from '../query/pull-reader.ts';
import { Views } from '../query/views.ts';
import { Store } from '../store.ts';
import { DATABASE } from '../store-config.ts';
import { Connection, type ConnectionOptions } from './connection.ts';

const dir = mkdtempSync(join(tmpdir(), 'vitrine-bounds-'));
const { made, batches } = makeLog('default.0.1');
const { log } = made;
let engine: EngineSupervisor;
let size = 0;

/** Every method that reads, asked for something that is there. */
const READS: Record<string, (store: Store) => Promise<unknown>> = {
  alertIds: (store) => store.alertIds(log, size, ['s1']),
  chainRecords: (store) => store.chainRecords(log, size, 's1', 'b0.host', -1, 10),
  closedLives: (store) => store.closedLives(log, size),
  daySeal: (store) => store.daySeal(log, size, '2025-11-24', 0n),
  events: (store) =>
    store.events({ log, size, order: 'desc', limit: 10, query: parseQuery('srv')! }),
  firstSeal: (store) => store.firstSeal(log, size),
  tipsBetween: (store) => store.tipsBetween(log, 0, size),
  supervisionBetween: (store) => store.supervisionBetween(log, 0, size),
  alertIdsBetween: (store) => store.alertIdsBetween(log, 0, size),
  histogram: (store) => store.histogram({ log, size, session: 's1', buckets: 10 }),
  lastCheckpoint: (store) => store.lastCheckpoint(log),
  leaves: (store) => store.leaves(log, 0, size),
  newestDaySeal: (store) => store.newestDaySeal(log, size),
  openSessions: (store) => store.openSessions(log, size),
  parts: (store) => store.parts(log, 0),
  partsOfChain: (store) => store.partsOfChain(log, 's1', 'b0.host', { first: 0, end: size }),
  record: (store) => store.record(log, size, 5),
  'alerts.ruleAlerts': (store) => store.alerts.ruleAlerts(log, { first: 0, end: size }, 0n),
  search: (store) =>
    store.search({ log, size, order: 'desc', limit: 10, query: parseQuery('srv')! }),
  session: (store) => store.session(log, size, 's1'),
  sessions: (store) => store.sessions({ log, size, limit: 10 }),
  shims: (store) => store.shims(log, size, 's1'),
  sizeBefore: (store) => store.sizeBefore(log, size, 2n ** 62n),
  sources: (store) => store.sources(log, size, ['s1']),
  supervision: (store) => store.supervision(log, size, ['s1']),
  tile: (store) => store.tile(log, 0, 0),
  tiles: (store) => store.tiles(log, 0, 0, 1),
  tips: (store) => store.tips(log, size, ['s1', 'log']),
  wordsKnown: (store) => store.wordsKnown(log),
  'pull.notes': ({ pull }) => pull.notes(log, [size]),
  'pull.oldest': ({ pull }) => pull.oldest(log),
  'pull.partBytes': ({ pull }) => pull.partBytes(log, [0, 1, 2]),
  'pull.parts': ({ pull }) => pull.parts(log, [0, 1, 2]),
  'views.approvals': ({ views }) => views.approvals({ log, size }),
  'views.approvalViews': ({ views }) => views.approvalViews({ log, size }),
  'views.egress': ({ views }) => views.egress({ log, size, limit: 10 }),
  'views.files': ({ views }) => views.files({ log, size, session: 's1', limit: 10 }),
  'views.processes': ({ views }) => views.processes({ log, size, session: 's1:2' }),
};
const LARGE = { code: 'READ_TOO_LARGE', hint: /narrower/ };
/** What writes, and what asks nothing of the tables. */
const OTHERS = ['close', 'constructor', 'insertBatch', 'onExit', 'ping', 'restore', 'takeWords'];

async function withStore<T>(
  bounds: ConnectionOptions['bounds'],
  work: (store: Store) => Promise<T>,
): Promise<T> {
  const { url, app } = engine;
  const narrowed = bounds === undefined ? {} : { bounds };
  const options = { url, ...app, database: DATABASE, up: () => true, ...narrowed };
  const store = new Store(new Connection(options), { url, ...app }, () => {});
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

before(async () => {
  engine = await EngineSupervisor.start({ dir, database: DATABASE, log: () => {} });
  const { url, app } = engine;
  const store = await openStore({ mode: 'server', url, ...app }, () => {});
  for (const batch of batches) await insert(store, batch);
  await store.close();
  size = made.size;
});

after(async () => {
  await engine.close();
  rmSync(dir, { recursive: true, force: true });
});

describe('the bounds of reads', () => {
  it('are tested here for every method of the store', () => {
    const names = Object.getOwnPropertyNames;
    const of = (reader: { prototype: object }, under: string): string[] =>
      names(reader.prototype).flatMap((name) => (name === 'constructor' ? [] : [under + name]));
    const readers = [...of(Views, 'views.'), ...of(PullReader, 'pull.'), 'alerts.ruleAlerts'];
    const methods = [...names(Store.prototype), ...readers];
    assert.deepEqual(methods.sort(), [...Object.keys(READS), ...OTHERS].sort());
  });

  for (const [name, read] of Object.entries(READS)) {
    it(`end ${name} with a code and a hint`, async () => {
      await withStore(undefined, read);
      // Without the second, the engine counts only what goes beyond 4 MiB.
      const small = withStore({ max_memory_usage: '1', max_untracked_memory: '1' }, read);
      await assert.rejects(small, LARGE);
    });
  }

  it('end a question about too many rows', async () => {
    for (const name of ['events', 'histogram', 'leaves', 'views.processes', 'sessions']) {
      await assert.rejects(withStore({ max_rows_to_read: '1' }, READS[name]!), LARGE, name);
    }
  });

  it('end a question that takes too long', async () => {
    const { url, app } = engine;
    const bounds = { max_execution_time: 1 };
    const options = { url, ...app, database: DATABASE, up: () => true, bounds };
    const connection = new Connection(options);
    const slow = connection.rows(
      'SELECT max(SHA256(toString(number))) FROM numbers(900000000)',
      {},
    );
    await assert.rejects(slow, { code: 'READ_TIMEOUT', hint: /narrow/ });
    await connection.close();
  });
});
