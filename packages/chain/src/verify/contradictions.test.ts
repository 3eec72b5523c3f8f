/** A log that lies under its own signature (LOG.md §5, step 7): code 5, and never by a forgery. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Head, headsTree, makeRecord, sha256 } from '../index.ts';
import { answerTo, PROVEN, type RigLog, rigSession } from './rig.ts';

const EQUIVOCATION = [5, 'contradictions'];

/** Puts a second record with the `seq` of the last one into the chain's log. */
function fork(log: RigLog, chain: string): number {
  const records = log.chains.get(chain)!;
  const { seq } = records.at(-1)!;
  const [session, shim] = chain.split('/') as [string, string];
  const place = { session, shim, seq, prev: records.at(-2)!.leaf };
  const made = makeRecord({ kind: 'other', t: '1', fields: { x: 1 } }, place, () =>
    sha256(made.leaf),
  );
  const index = log.leaves.length;
  log.leaves.push(made.leaf);
  log.texts.push(made.bytes);
  return index;
}

test('two records in one place', () => {
  const log = rigSession(3, false);
  const first = log.chains.get('s1/b1')!.at(-1)!.index;
  const index = fork(log, 's1/b1');
  log.seal();
  assert.deepEqual(answerTo(log.session('s1')), PROVEN, 'nobody sees it who holds one of them');
  assert.deepEqual(answerTo(log.session('s1', { attached: [log.leaf(index)] })), EQUIVOCATION);
  const attached = [first, index].map((i) => log.leaf(i));
  assert.deepEqual(answerTo(log.bundle({ type: 'event', index }, { attached })), EQUIVOCATION);
  const twice = [first, first].map((i) => log.leaf(i));
  assert.deepEqual(
    answerTo(log.bundle({ type: 'event', index: first }, { attached: twice })),
    PROVEN,
  );
});

test('a head that is lower than a record, or another record', () => {
  const log = rigSession(3, false);
  const record = log.add('s1/b1', 'file.read');
  const old = [...log.open.values()].map((head): Head => {
    return head.chain === 's1/b1' ? { ...head, seq: 2, head: record.leaf } : head;
  });
  log.seal({ heads: old });
  const tree = headsTree(old);
  const neighbours = [0, 1].map((i) => ({ index: i, leaf: tree.leaves[i]!, proof: tree.path(i) }));
  assert.deepEqual(tree.leaves.length, 2);
  const claim = { type: 'absent', session: 's1.' } as const;
  const absent = (rest: object) => {
    return log.bundle({ ...claim, session: 's2' }, { neighbours: neighbours.slice(1), ...rest });
  };
  const chain = { ...log.chain('s1/b1'), head: undefined };
  assert.deepEqual(answerTo(absent({})), PROVEN);
  // Only the sup head is a neighbour of s2: the lie about b1 is not in this bundle.
  assert.deepEqual(answerTo(absent({ chains: [chain] })), PROVEN);
  const lied = log.bundle(
    { type: 'absent', session: 's0' },
    { neighbours: neighbours.slice(0, 1) },
  );
  assert.deepEqual(answerTo(lied), PROVEN);
  const attached = [log.leaf(record.index)];
  const shown = { neighbours: neighbours.slice(0, 1), attached };
  assert.deepEqual(answerTo(log.bundle({ type: 'absent', session: 's0' }, shown)), EQUIVOCATION);
  const held = { neighbours: neighbours.slice(0, 1), chains: [chain] };
  assert.deepEqual(answerTo(log.bundle({ type: 'absent', session: 's0' }, held)), EQUIVOCATION);
  const same = {
    neighbours: neighbours.slice(0, 1),
    attached: [log.leaf(log.chains.get('s1/b1')![2]!.index)],
  };
  assert.deepEqual(answerTo(log.bundle({ type: 'absent', session: 's0' }, same)), EQUIVOCATION);
});

test('an admit run beyond the head of its chain', () => {
  for (const [last, expected] of [
    [2, PROVEN],
    [3, EQUIVOCATION],
  ] as const) {
    const log = rigSession(3, false);
    const { index } = log.add('log/admit', 'admit', { runs: [{ chain: 's1/b1', first: 0, last }] });
    log.seal();
    assert.deepEqual(answerTo(log.session('s1', { attached: [log.leaf(index)] })), expected);
  }
  const relay = rigSession(3, false);
  const { index } = relay.add('s1/b1', 'admit', { runs: [{ chain: 's1/b1', first: 0, last: 99 }] });
  relay.seal();
  assert.deepEqual(answerTo(relay.session('s1', { attached: [relay.leaf(index)] })), PROVEN);
});

test('a record of sup after its close', () => {
  const log = rigSession(3, true);
  const { index } = log.add('s1/sup', 'gap');
  log.open.delete('s1/sup');
  log.seal();
  const sup = log.chain('s1/sup', 0, 3);
  const chains = [log.chain('s1/b1'), sup];
  assert.deepEqual(answerTo(log.session('s1', { chains })), PROVEN);
  const attached = [log.leaf(index)];
  assert.deepEqual(answerTo(log.session('s1', { chains, attached })), EQUIVOCATION);
  const claim = { type: 'range', chain: 's1/sup', first: 3, last: 4 } as const;
  const range = log.bundle(claim, { chains: [log.chain('s1/sup', 3)] });
  assert.deepEqual(answerTo(range), EQUIVOCATION);
});

test('a forgery is no contradiction: it proves nothing against the log', () => {
  const log = rigSession(3, false);
  const index = fork(log, 's1/b1');
  log.seal();
  const leaf = { ...log.leaf(index), proof: log.path(index - 1) };
  assert.deepEqual(answerTo(log.session('s1', { attached: [leaf] })), [1, 'attached']);
  const all = answerTo(log.session('s1', { attached: [leaf] }), { all: true });
  assert.deepEqual(all, [1, 'attached']);
});
