/** A start behind a seal without heads: the ends of chains are checked all the same. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { HEADS_ALWAYS_CHAINS_MAX } from '@vitrine/schema';
import { openStore, type RecordRow, type Store } from '@vitrine/store';
import { AT_NS, emptyLog, KEY, LOG, openEntry, RelayChain } from '../fixture/log.ts';
import { type CommitTarget, commitBatch } from '../insert/commit.ts';
import { toRows } from '../insert/row.ts';
import type { Entry } from '../queue/entry.ts';
import { applyEntry } from './apply.ts';
import { BatchDraft } from './draft.ts';
import type { LogIdentity } from './identity.ts';
import { IntentStore } from './intents.ts';
import { headList, planBatch } from './plan.ts';
import { recoverLog } from './recover.ts';
import type { LogState } from './state.ts';

const NS_PER_MS = 1_000_000n;

const dir = mkdtempSync(join(tmpdir(), 'vitrine-heads-'));
const state = emptyLog();
const identity: LogIdentity = {
  ...{ tenant: 'default', log: LOG, origin: KEY.origin, key: KEY, dir },
  trust: join(dir, 'trust.json'),
};
const [a, b] = [new RelayChain('s0'), new RelayChain('s1')];
let target: CommitTarget;

/** A log with more chains than every seal has heads of. */
before(async () => {
  const store = await openStore({ mode: 'embedded', dir: join(dir, 'store') }, () => {});
  const intents = new IntentStore(dir);
  target = { tenant: 'default', origin: KEY.origin, key: KEY, store, intents };
  const names = Array.from({ length: HEADS_ALWAYS_CHAINS_MAX + 2 }, (_, i) => `s${i}`);
  assert.ok(await commit(names.map(openEntry), 0n), 'the first seal has heads');
  await commit([a.page(a.next('x'), a.next('x')), b.page(b.next('x'))], 300n);
  const closed = { kind: 'close', session: 's1', reason: 'runtime', observed: '1' } as const;
  assert.ok(!(await commit([a.page(a.next('x')), closed], 600n)), 'the newest seal has none');
});
after(async () => {
  await target.store.close();
  rmSync(dir, { recursive: true });
});

/** Whether the seal has heads. */
async function commit(entries: Entry[], ms: bigint): Promise<boolean> {
  const draft = new BatchDraft(state, () => Buffer.alloc(16));
  for (const entry of entries) applyEntry(draft, entry);
  const { batch, heads } = planBatch(draft, AT_NS + ms * NS_PER_MS);
  await target.intents.commit(batch);
  await commitBatch(target, batch, toRows('default', batch), false);
  target.intents.forget(batch.size);
  return heads !== null;
}

/** A store that answers one question otherwise. */
function damaged(changed: Partial<Store>): CommitTarget {
  const store = new Proxy(target.store, {
    get(of, name) {
      const value: unknown = Reflect.get(changed, name) ?? Reflect.get(of, name, of);
      return typeof value === 'function' ? value.bind(of) : value;
    },
  });
  return { ...target, store };
}

test('they are as the seal before and the leaves since give them', async () => {
  const { state: found } = await recoverLog(identity, target);
  const byChain = (from: LogState) =>
    headList(from).toSorted((one, other) => (one.chain < other.chain ? -1 : 1));
  assert.deepEqual(byChain(found), byChain(state));
});

test('a chain that is said to end elsewhere is found out', async () => {
  const said = damaged({
    async tips(...asked) {
      const tips = await target.store.tips(...asked);
      return tips.map((tip) => (tip.shim === a.shim ? { ...tip, seq: tip.seq + 1 } : tip));
    },
  });
  await assert.rejects(recoverLog(identity, said), { code: 'LOG_EDGE_MISMATCH' });
});

test('a record since that is not the one in the tree is found out', async () => {
  const other = new RelayChain('s0').next('y').toString();
  const said = damaged({
    async events(filter) {
      const rows = await target.store.events(filter);
      const changed = (row: RecordRow): boolean => row.shim === a.shim && row.seq === 0;
      return rows.map((row) => (changed(row) ? { ...row, record: other } : row));
    },
  });
  await assert.rejects(recoverLog(identity, said), { code: 'LOG_EDGE_MISMATCH' });
});
