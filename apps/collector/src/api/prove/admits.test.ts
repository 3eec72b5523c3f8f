import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { formatCheckpoint, signNote } from '@vitrine/chain';
import { BUNDLE_ADMITS_MAX } from '@vitrine/schema';
import { openStore, type RecordRow, type Store } from '@vitrine/store';
import { AT_NS, emptyLog, KEY, LOG, openEntry, RelayChain, seal } from '../../fixture/log.ts';
import { toRows } from '../../insert/row.ts';
import { admitsOf } from './admits.ts';

const dir = mkdtempSync(join(tmpdir(), 'vitrine-admits-'));
/** A name that others contain, and that differs from one of them by case alone. */
const [chain, other] = [new RelayChain('s1'), new RelayChain('S1')];
let store: Store;
const rows: RecordRow[] = [];

/** One more batch than a bundle takes admits from, each with one record of either chain. */
before(async () => {
  store = await openStore({ mode: 'embedded', dir }, () => {});
  const state = emptyLog();
  const entries = [openEntry('s1'), openEntry('S1')];
  for (let n = 0; n <= BUNDLE_ADMITS_MAX; n++) {
    const pages = [chain.page(chain.next('x'))];
    if (n < 3) pages.unshift(other.page(other.next('y')));
    const { batch } = seal(state, n === 0 ? [...entries, ...pages] : pages, AT_NS + BigInt(n));
    rows.push(...toRows('default', batch).records);
  }
  const { size } = state.tree;
  const root = state.tree.root();
  const note = signNote(formatCheckpoint({ origin: KEY.origin, size, root }), KEY);
  await store.insertBatch(rows, [], [], { log: LOG, size, root, note }, { verify: false });
});
after(async () => {
  await store.close();
  rmSync(dir, { recursive: true });
});

async function seqsAdmitted(first: number, last: number, session = 's1'): Promise<number[]> {
  const { shim } = chain;
  const idxOf = (seq: number) =>
    rows.find((row) => row.session === session && row.shim === shim && row.seq === seq)!.idx;
  const range = { log: LOG, session, shim, first, last };
  const at = { firstIdx: idxOf(first), lastIdx: idxOf(last) };
  const admits = await admitsOf(store, { ...range, ...at });
  return admits.flatMap(({ record }) => {
    const { runs } = JSON.parse(record) as { runs: { chain: string; first: number }[] };
    return runs.filter((run) => run.chain === `${session}/${shim}`).map((run) => run.first);
  });
}

test('the admits of a range are those of its records, and of no like-named chain', async () => {
  assert.deepEqual(await seqsAdmitted(0, 2), [0, 1, 2]);
  assert.deepEqual(await seqsAdmitted(500, 503), [500, 501, 502, 503]);
  assert.deepEqual(await seqsAdmitted(1, 2, 'S1'), [1, 2]);
  assert.deepEqual(await seqsAdmitted(BUNDLE_ADMITS_MAX, BUNDLE_ADMITS_MAX), [BUNDLE_ADMITS_MAX]);
});

test('a bundle takes so many, and no more', async () => {
  assert.equal((await seqsAdmitted(0, BUNDLE_ADMITS_MAX - 1)).length, BUNDLE_ADMITS_MAX);
  assert.equal((await seqsAdmitted(0, BUNDLE_ADMITS_MAX)).length, BUNDLE_ADMITS_MAX);
});

test('what nobody sent has none', async () => {
  const range = { log: LOG, first: 0, last: 0, firstIdx: 9, lastIdx: 9 };
  assert.deepEqual(await admitsOf(store, { ...range, session: 's1', shim: 'sup' }), []);
  assert.deepEqual(await admitsOf(store, { ...range, session: 'log', shim: 'audit' }), []);
});
