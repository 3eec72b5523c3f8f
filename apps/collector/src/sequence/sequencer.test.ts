/**
 * The sequencer over a real queue and a real intent store, and a store that takes a batch when the
 * test lets it: what is made while a batch is on its way, and what may not happen before it is
 * published (LOG.md §3).
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonObject } from '@vitrine/schema';
import type { RecordRow, Store } from '@vitrine/store';
import { AT_NS, emptyLog, KEY, openEntry, RelayChain } from '../fixture/log.ts';
import { Figures } from '../metrics/figures.ts';
import type { Entry } from '../queue/entry.ts';
import { Journal } from '../queue/journal.ts';
import { IntentStore } from './intents.ts';
import { Sequencer, type SequencerOptions } from './sequencer.ts';
import type { LogState } from './state.ts';

/** Keeps what it is given once the gate is open. */
class GatedStore {
  readonly rows: RecordRow[] = [];
  inserting = 0;
  asked = 0;
  #gate: Promise<void> = Promise.resolve();
  #open: (error?: Error) => void = () => {};

  shut(): void {
    this.#gate = new Promise((resolve, reject) => {
      this.#open = (error) => (error === undefined ? resolve() : reject(error));
    });
    this.#gate.catch(() => {});
  }

  open(error?: Error): void {
    this.#open(error);
    this.#gate = Promise.resolve();
  }

  async insertBatch(records: RecordRow[]): Promise<void> {
    this.inserting++;
    await this.#gate;
    this.rows.push(...records);
  }

  async chainRecords(_: string, size: number, session: string, shim: string, after: number) {
    this.asked++;
    return this.rows.flatMap((row) => {
      const wanted = row.session === session && row.shim === shim && row.seq! > after;
      return wanted && row.idx < size ? [{ ...row, seq: row.seq! }] : [];
    });
  }
}

let dir: string;
let journal: Journal;
let intents: IntentStore;
let store: GatedStore;
let state: LogState;
let sequencer: Sequencer;
const published: number[] = [];
let fatal: unknown;

function start(options: Partial<SequencerOptions> = {}): void {
  const target = { tenant: 'default', origin: KEY.origin, key: KEY, intents };
  sequencer = new Sequencer(
    {
      state,
      journal,
      target: { ...target, store: store as unknown as Store },
      clock: { nowNs: () => AT_NS + BigInt(Math.round(performance.now() * 1e6)) },
      salt: () => Buffer.alloc(16, 1),
      figures: new Figures(),
      log: () => {},
      onPublished: (_, note) => published.push(note.size),
      onFatal: (error) => {
        fatal = error;
      },
      ...options,
    },
    { state, evidence: null, published: null },
  );
  sequencer.start();
}

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'vitrine-sequencer-'));
  journal = new Journal({ dir: join(dir, 'journal'), fsync: true, log: () => {} });
  journal.open(0, () => {});
  intents = new IntentStore(join(dir, 'log'));
  store = new GatedStore();
  state = emptyLog();
  published.length = 0;
  fatal = undefined;
});

afterEach(async () => {
  store.open();
  await sequencer.stop();
  await journal.close();
  rmSync(dir, { recursive: true });
});

async function until(what: () => boolean): Promise<void> {
  while (!what()) await sleep(5);
}

async function append(...entries: Entry[]): Promise<void> {
  await Promise.all(entries.map((entry) => journal.append(entry)));
}

const records = (): JsonObject[] =>
  store.rows.map(({ record }) => JSON.parse(record) as JsonObject);

/** A batch with the session's `open`, whose insert the store holds back. */
async function holdFirst(session = 's'): Promise<void> {
  store.shut();
  start();
  await append(openEntry(session));
  await until(() => store.inserting === 1);
}

describe('while the store takes a batch', () => {
  it('the next one is filled, but not decided before that is published', async () => {
    await holdFirst();
    const chain = new RelayChain('s');
    await append(chain.page(chain.next('file.read'), chain.next('file.read')));
    await until(() => state.tips.get(chain.chain)?.seq === 1);
    assert.equal(journal.waitingEntries, 0);
    await sleep(150);
    assert.equal(intents.intents().length, 1, 'one intent, whose note is not there yet');
    assert.equal(intents.newest(), null);
    assert.equal(sequencer.sealed, 0, 'what is only filled in is not sealed');
    store.open();
    await until(() => published.length === 2);
    assert.equal(sequencer.sealed, 2);
    const [first, second] = intents.intents();
    assert.equal(second?.first, first?.size);
    assert.equal(intents.newest()?.size, second?.size);
    const indices = store.rows.map(({ idx }) => idx);
    assert.deepEqual(
      indices,
      indices.map((_, i) => i),
    );
  });

  it('a page that repeats what is in it waits for it, and is compared', async () => {
    await holdFirst();
    store.open();
    await until(() => published.length === 1);
    store.shut();
    const [chain, twin] = [new RelayChain('s'), new RelayChain('s')];
    await append(chain.page(chain.next('file.read'), chain.next('x')));
    await until(() => store.inserting === 2);
    await append(twin.page(twin.next('file.write')));
    await sleep(150);
    assert.equal(store.asked, 0, 'the store does not have those records yet');
    store.open();
    await until(() => published.length === 3);
    const conflict = records().find(({ kind }) => kind === 'conflict');
    assert.deepEqual(conflict?.target, { chain: chain.chain, seq: 0 });
    assert.equal(state.tips.get(chain.chain)?.seq, 1, 'what stands goes on');
  });

  it('and refuses it, both are sealed in their order all the same', async () => {
    await holdFirst();
    const chain = new RelayChain('s');
    await append(chain.page(chain.next('file.read')));
    await until(() => state.tips.has(chain.chain));
    store.open(new Error('the store is away'));
    await until(() => published.length === 2);
    const kinds = records().map(({ kind }) => kind);
    assert.deepEqual(kinds, ['open', 'seal', 'admit', 'file.read', 'join', 'seal']);
    assert.equal(new Set(store.rows.map(({ idx }) => idx)).size, store.rows.length);
  });

  it('and another writer takes over, nothing of the next one is decided', async () => {
    await holdFirst();
    const chain = new RelayChain('s');
    await append(chain.page(chain.next('file.read')));
    await until(() => state.tips.has(chain.chain));
    const theirs = { size: 1_000, root: Buffer.alloc(32), note: 'note of another writer' };
    intents.newest = () => theirs;
    store.open();
    await until(() => fatal !== undefined);
    assert.equal((fatal as { code: string }).code, 'WRITER_SUPERSEDED');
    assert.equal(intents.intents().length, 1);
    assert.deepEqual(published, []);
  });

  it('and only what it has already comes, that is sealed as well', async () => {
    await holdFirst();
    const chain = new RelayChain('s');
    const page = chain.page(chain.next('file.read'));
    await append(page);
    await until(() => state.tips.has(chain.chain));
    store.open();
    await until(() => published.length === 2);
    store.shut();
    await append(chain.page(chain.next('x')));
    await until(() => store.inserting === 3);
    const left: number[] = [];
    const leave = journal.leave.bind(journal);
    journal.leave = (entry, bytes) => {
      left.push(bytes);
      leave(entry, bytes);
    };
    await append(page);
    await until(() => journal.waitingEntries === 0);
    store.open();
    await sequencer.caughtUp(5_000);
    assert.equal(sequencer.sealed, journal.next, 'who waits for it need not wait for an idle seal');
    assert.equal(left.length, 1, 'its sender has its room back');
  });

  it('and the writer is stopped, what was filled in is sealed before it ends', async () => {
    await holdFirst();
    const chain = new RelayChain('s');
    await append(chain.page(chain.next('file.read')));
    await until(() => state.tips.has(chain.chain));
    const stopped = sequencer.stop();
    store.open();
    await stopped;
    assert.equal(sequencer.sealed, 2);
    assert.equal(published.length, 2);
  });
});

it('when the state is due to be kept, it stands still on what is published', async () => {
  store.shut();
  const kept: { size: number; published: number | undefined }[] = [];
  let due = true;
  start({
    snapshots: {
      due: () => due,
      async settled({ lastSeal }) {
        kept.push({ size: lastSeal!.size, published: sequencer.published?.size });
        due = false;
      },
    },
  });
  await append(openEntry('s'));
  await until(() => store.inserting === 1);
  const chain = new RelayChain('s');
  await append(chain.page(chain.next('file.read')));
  await sleep(100);
  assert.ok(!state.tips.has(chain.chain), 'nothing is filled in meanwhile');
  store.open();
  await until(() => kept.length > 0 && sequencer.sealed === 2);
  assert.deepEqual(kept[0], { size: 2, published: 2 });
});
