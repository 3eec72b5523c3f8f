/** A page that repeats places below its chain's tip, with the same bytes and with others. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { JsonObject } from '@vitrine/schema';
import { AT_NS, emptyLog, openEntry, RelayChain, recordsOf, seal } from '../fixture/log.ts';
import type { PageEntry } from '../queue/entry.ts';
import { applyEntry } from './apply.ts';
import { BatchDraft } from './draft.ts';
import { type Plan, planBatch } from './plan.ts';
import { isRepeat, standingAt } from './standing.ts';
import type { LogState } from './state.ts';

/** As the store answers it, out of sealed batches. */
function storeOf(plans: Plan[]) {
  const rows = plans.flatMap(({ batch }) =>
    batch.rows.map((row, i) => ({ ...row, idx: batch.first + i })),
  );
  return {
    async chainRecords(_log: string, size: number, name: string, maker: string, after: number) {
      return rows.flatMap(({ session, shim, seq, leaf, bytes, idx }) => {
        const wanted = session === name && shim === maker && seq !== null && seq > after;
        return wanted && idx < size ? [{ idx, seq, leaf, record: bytes.toString() }] : [];
      });
    },
  };
}

async function sealCompared(
  state: LogState,
  pages: PageEntry[],
  plans: Plan[],
): Promise<JsonObject[]> {
  const draft = new BatchDraft(state, () => Buffer.alloc(16));
  for (const page of pages) {
    const standing = isRepeat(draft, page)
      ? await standingAt(draft, page, storeOf(plans))
      : undefined;
    applyEntry(draft, page, standing);
  }
  return recordsOf(planBatch(draft, AT_NS));
}

const conflicts = (records: JsonObject[]): JsonObject[] =>
  records.filter(({ kind }) => kind === 'conflict');

describe('a page that ends below the tip of its chain', () => {
  it('is a conflict when other bytes stand there, with both hashes', async () => {
    const state = emptyLog();
    const [chain, twin] = [new RelayChain('s'), new RelayChain('s')];
    const first = chain.next('file.read');
    const standing = chain.head;
    const plan = seal(state, [openEntry('s'), chain.page(first, chain.next('x'), chain.next('x'))]);
    const differs = twin.next('file.write');
    const came = twin.head;
    const other = twin.page(differs, twin.next('x'));
    const records = await sealCompared(state, [other], [plan]);
    const [conflict, ...more] = conflicts(records);
    assert.equal(more.length, 0, 'one for a page: every later place links to the first');
    assert.deepEqual(conflict?.target, { chain: chain.chain, seq: 0 });
    assert.deepEqual(
      conflict?.hashes,
      [standing, came].map((hash) => hash.toString('base64')),
    );
    assert.equal(state.tips.get(chain.chain)?.seq, 2, 'what stands goes on');
  });

  it('is dropped without a word when it is the same', async () => {
    const state = emptyLog();
    const chain = new RelayChain('s');
    const [a, b, c] = [chain.next('x'), chain.next('x'), chain.next('x')];
    const plan = seal(state, [openEntry('s'), chain.page(a, b, c)]);
    const records = await sealCompared(state, [chain.page(a, b), chain.page(b)], [plan]);
    assert.deepEqual(
      records.map(({ kind }) => kind),
      ['seal'],
    );
  });

  it('is compared with what the same batch brings', async () => {
    const state = emptyLog();
    const [chain, twin] = [new RelayChain('s'), new RelayChain('s')];
    const plan = seal(state, [openEntry('s')]);
    const page = chain.page(chain.next('x'), chain.next('x'));
    const records = await sealCompared(state, [page, twin.page(twin.next('y'))], [plan]);
    assert.deepEqual(conflicts(records)[0]?.target, { chain: chain.chain, seq: 0 });
  });

  it('is dropped as well when its chain has ended since: only the rest is kept', async () => {
    const state = emptyLog();
    const [chain, twin] = [new RelayChain('s'), new RelayChain('s')];
    const [a, b, c] = [chain.next('x'), chain.next('x'), chain.next('x')];
    const ended = { state: 'lost', reason: 'broken', observed: String(AT_NS) } as const;
    const end = { kind: 'end', session: 's', chain: chain.chain, ...ended } as const;
    const plan = seal(state, [openEntry('s'), chain.page(a, b, c), end]);
    const stray = { stray: true } as const;
    const again = [{ ...chain.page(b, c, chain.next('new')), ...stray }, chain.page(a, b)];
    const other = { ...twin.page(twin.next('other')), ...stray };
    const records = await sealCompared(state, [...again, other], [plan]);
    const kept = records.filter(({ broken }) => broken === true);
    assert.equal(kept.length, 2, 'what is new, and what is other at a place that the log has');
    assert.deepEqual(conflicts(records), []);
  });
});
