import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CompactRange, headsTree, leafHash, parseCanonical } from '@vitrine/chain';
import { CLOCK_STEP_MS_MAX, HEADS_ALWAYS_CHAINS_MAX, type JsonObject } from '@vitrine/schema';
import { AT_NS, emptyLog, openEntry, RelayChain, recordsOf, seal } from '../fixture/log.ts';

const NS_PER_MS = 1_000_000n;

describe('the layout of a batch', () => {
  it('puts admit records first, sessions sorted, the own records after, the seal last', () => {
    const state = emptyLog();
    const [b, a] = [new RelayChain('b'), new RelayChain('a')];
    const own = { kind: 'own', chain: 'audit', record: 'access', fields: {} } as const;
    const plan = seal(state, [
      { ...own, observed: String(AT_NS) },
      openEntry('b'),
      openEntry('a'),
      b.page(b.next('x'), b.next('y')),
      a.page(a.next('z')),
    ]);
    const order = recordsOf(plan).map((r) => `${r.session ?? ''}/${r.shim ?? ''} ${r.kind}`);
    assert.deepEqual(order, [
      'log/admit admit',
      `a/${a.shim} z`,
      'a/sup open',
      'a/sup join',
      `b/${b.shim} x`,
      `b/${b.shim} y`,
      'b/sup open',
      'b/sup join',
      'log/audit access',
      '/ seal',
    ]);
  });

  it('covers every received record with one run, and no other', () => {
    const chain = new RelayChain('a');
    const plan = seal(emptyLog(), [openEntry('a'), chain.page(chain.next('x'), chain.next('y'))]);
    const admit = recordsOf(plan)[0]!;
    assert.deepEqual(admit.runs, [
      {
        chain: chain.chain,
        first: 0,
        last: 1,
        observed: String(AT_NS),
        peer: 'unix',
        sandbox: 'a',
        vantage: 'agent',
        via: 'opp',
      },
    ]);
  });
});

describe('the seal', () => {
  it('commits to the tree before, the batch and the heads', () => {
    const state = emptyLog();
    const chain = new RelayChain('a');
    const first = seal(state, [openEntry('a'), chain.page(chain.next('x'))]);
    const second = seal(state, [chain.page(chain.next('y'))], AT_NS + 1n);
    const record = recordsOf(second).at(-1)!;
    assert.equal(record.first, first.batch.size);
    assert.deepEqual(record.prev, {
      root: first.batch.root.toString('base64'),
      size: first.batch.size,
    });
    assert.equal(record.n, 1);
    const tree = headsTree(second.heads!);
    assert.deepEqual(record.heads, { root: tree.root.toString('base64'), size: tree.size });
    assert.equal(tree.index(chain.chain) >= 0, true);
    parseCanonical(second.batch.rows.at(-1)!.bytes);
    const again = new CompactRange();
    for (const row of [...first.batch.rows, ...second.batch.rows])
      again.append(leafHash(row.bytes));
    assert.deepEqual(again.root(), second.batch.root);
  });

  it('has a time that never goes back; a step of the clock is said', () => {
    const state = emptyLog();
    seal(state, []);
    const near = recordsOf(seal(state, [], AT_NS - BigInt(CLOCK_STEP_MS_MAX) * NS_PER_MS));
    assert.deepEqual(
      near.map((r) => r.kind),
      ['seal'],
    );
    assert.equal(near[0]!.t, String(AT_NS + 1n));
    const far = recordsOf(seal(state, [], AT_NS - BigInt(CLOCK_STEP_MS_MAX + 1) * NS_PER_MS));
    assert.deepEqual(
      far.map((r) => r.kind),
      ['clock', 'seal'],
    );
  });

  it('leaves heads out only when there are many chains, and for a second at most', () => {
    const state = emptyLog();
    const sessions = (count: number) =>
      Array.from({ length: count }, (_, i) => openEntry(`s${String(i).padStart(6, '0')}`));
    const few = sessions(HEADS_ALWAYS_CHAINS_MAX);
    assert.notEqual(seal(state, few.slice(1)).heads, null);
    assert.notEqual(seal(state, [few[0]!], AT_NS + 1n).heads, null);
    const more = seal(state, [openEntry('one-more')], AT_NS + 2n);
    assert.equal(more.heads, null);
    assert.equal((recordsOf(more).at(-1) as JsonObject).heads, null);
    assert.notEqual(seal(state, [], AT_NS + 1_000_000_002n).heads, null);
  });

  it('hands out each full tile once', () => {
    const state = emptyLog();
    const chain = new RelayChain('a');
    const records = Array.from({ length: 300 }, () => chain.next('x'));
    const { batch } = seal(state, [openEntry('a'), chain.page(...records)]);
    assert.deepEqual(
      batch.tiles.map(({ level, n, hashes }) => [level, n, hashes.length]),
      [[0, 0, 256 * 32]],
    );
    assert.deepEqual(batch.tiles[0]!.hashes.subarray(0, 32), batch.rows[0]!.leaf);
  });
});
