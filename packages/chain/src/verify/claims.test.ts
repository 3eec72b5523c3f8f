/** Ranges, pins, absence (LOG.md §4 and §5), on logs that are made here. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { consistencyPath, type Head, headsTree, makeRecord, ZERO_HASH } from '../index.ts';
import { type Answer, answerTo, PROVEN, RigLog, rigSession } from './rig.ts';

test('a range is exactly that chain and range', () => {
  const log = rigSession(9, true);
  const claim = { type: 'range', chain: 's1/b1', first: 2, last: 5 } as const;
  assert.deepEqual(answerTo(log.bundle(claim, { chains: [log.chain('s1/b1', 2, 5)] })), PROVEN);
  for (const chains of [
    [],
    [log.chain('s1/b1', 2, 4)],
    [log.chain('s1/b1', 1, 5)],
    [log.chain('s1/sup')],
    [log.chain('s1/b1', 2, 5), log.chain('s1/sup')],
  ]) {
    assert.deepEqual(answerTo(log.bundle(claim, { chains })), [3, 'claim']);
  }
});

test('a pin holds over growth, and catches a log that was rewritten', async () => {
  const log = rigSession(3, false);
  const pinOf = (l: RigLog): string => {
    const [origin, size, root] = l.note.split('\n') as [string, string, string];
    return JSON.stringify({ origin, size: Number(size), root, note: l.note });
  };
  const pin = pinOf(log);
  const size = log.leaves.length;
  assert.deepEqual(answerTo(log.session('s1'), { pin }), PROVEN, 'the very same tree');
  const from = log.note;
  log.add('s1/b1', 'file.read');
  log.seal();
  const proof = await consistencyPath(size, log.leaves.length, log.reader());
  const consistency = { from, proof };
  assert.deepEqual(answerTo(log.session('s1', { consistency }), { pin }), PROVEN);
  assert.deepEqual(answerTo(log.session('s1'), { pin }), [3, 'pin']);
  const shorter = { from, proof: proof.slice(1) };
  assert.deepEqual(answerTo(log.session('s1', { consistency: shorter }), { pin }), [1, 'pin']);
  assert.deepEqual(answerTo(rigSession(3, false).session('s1'), { pin: pinOf(log) }), [4, 'pin']);
  const other = rigSession(3, true);
  while (other.leaves.length < size) other.seal();
  const twin = new RigLog();
  while (twin.leaves.length < size - 1) twin.add('s1/sup', twin.leaves.length === 0 ? 'open' : 'x');
  twin.seal();
  assert.equal(twin.leaves.length, size);
  assert.deepEqual(answerTo(twin.session('s1'), { pin }), [5, 'pin'], 'same size, other root');
});

test('no open session, and no session of a day', () => {
  const log = new RigLog();
  for (const chain of ['s1/sup', 's3/sup', 's5/sup']) log.add(chain, 'open');
  log.seal({ day: '2025-11-24' });
  const heads: Head[] = [...log.open.values()];
  const tree = headsTree(heads);
  const around = (session: string) =>
    tree.around(session).map((i) => ({ index: i, leaf: tree.leaves[i]!, proof: tree.path(i) }));
  const attached = [log.leaf(log.leaves.length - 1)];
  for (const session of ['s0', 's2', 's4', 's9', 's', 's30']) {
    const neighbours = around(session);
    const absent = log.bundle({ type: 'absent', session }, { neighbours });
    assert.deepEqual(answerTo(absent), PROVEN, session);
    const claim = { type: 'inactive', session, day: '2025-11-24' } as const;
    assert.deepEqual(answerTo(log.bundle(claim, { neighbours, attached })), PROVEN, session);
    assert.deepEqual(answerTo(log.bundle(claim, { neighbours })), [3, 'claim'], 'no day seal');
    const otherDay = { ...claim, day: '2025-11-25' };
    assert.deepEqual(answerTo(log.bundle(otherDay, { neighbours, attached })), [1, 'claim']);
    assert.deepEqual(answerTo(log.bundle({ type: 'absent', session })), [3, 'claim']);
  }
  for (const session of ['s1', 's3', 's5']) {
    for (const neighbours of [around(session), around('s2'), around('s0'), around('s9'), []]) {
      const bundle = log.bundle({ type: 'absent', session }, { neighbours });
      assert.deepEqual(answerTo(bundle), [1, 'claim'], session);
    }
  }
  const apart = [around('s2')[0]!, around('s4')[1]!];
  assert.deepEqual(answerTo(log.bundle({ type: 'absent', session: 's3' }, { neighbours: apart })), [
    1,
    'claim',
  ]);
  const empty = new RigLog();
  empty.seal();
  assert.deepEqual(
    answerTo(empty.bundle({ type: 'absent', session: 's1' }, { neighbours: [] })),
    PROVEN,
  );
});

test('a chain may not skip, repeat or fork a record', () => {
  const log = rigSession(4, true);
  const chain = log.chain('s1/b1');
  const [a, b, c, d] = chain.records as [Buffer, Buffer, Buffer, Buffer];
  const sup = log.chain('s1/sup');
  const place = { session: 's1', shim: 'b1', seq: 1, prev: ZERO_HASH };
  const fork = makeRecord(
    { kind: 'x', t: '1', fields: {} },
    { ...place, prev: a.subarray(0, 32) },
    () => a,
  );
  const cases: [Buffer[], Answer][] = [
    [[a, b, c, d], PROVEN],
    [
      [a, b, d],
      [3, 'chains'],
    ],
    [
      [a, b, b, c, d],
      [3, 'chains'],
    ],
    [
      [a, c, b, d],
      [3, 'chains'],
    ],
    [
      [a, fork.bytes, c, d],
      [1, 'chains'],
    ],
    [
      [a, b, c],
      [1, 'chains'],
    ],
  ];
  for (const [records, expected] of cases) {
    const chains = [{ ...chain, records }, sup];
    assert.deepEqual(answerTo(log.session('s1', { chains })), expected);
  }
});
