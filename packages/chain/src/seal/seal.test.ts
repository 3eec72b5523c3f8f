import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCanonical } from '../record/admit.ts';
import { sealFault } from '../verify/record.ts';
import { makeSeal } from './make.ts';

const TREE = { root: Buffer.alloc(32, 1).toString('base64'), size: 2 };
const BODY = {
  count: 0,
  first: 5,
  heads: TREE,
  n: 1,
  prev: { ...TREE, size: 5 },
  src: { a: '1' },
  t: '7',
};

test('a seal has exactly its members', () => {
  const seal = parseCanonical(makeSeal(BODY));
  assert.deepEqual(Object.keys(seal), [
    'count',
    'first',
    'heads',
    'kind',
    'n',
    'prev',
    'src',
    't',
    'v',
  ]);
  const daily = parseCanonical(makeSeal({ ...BODY, day: '2026-11-22', days: TREE }));
  assert.equal(sealFault(daily), undefined);
  for (const name of Object.keys(daily)) {
    const { [name]: _, ...rest } = daily;
    assert.notEqual(sealFault(rest), undefined, `without ${name}`);
    assert.notEqual(sealFault({ ...daily, [name]: true }), undefined, `another ${name}`);
  }
  assert.notEqual(sealFault({ ...daily, session: 'log' }), undefined);
  assert.notEqual(sealFault({ ...seal, seq: 1 }), undefined);
});

test('what is no seal is not made', () => {
  const bad = [
    { count: -1 },
    { t: '07' },
    { heads: { root: 'x', size: 1 } },
    { prev: { ...TREE, more: 1 } },
    { day: '2026-11-22' },
    { day: '2026-13-01', days: TREE },
    { src: { a: 'x'.repeat(70_000) } },
  ];
  for (const part of bad) {
    assert.throws(() => makeSeal({ ...BODY, ...part } as typeof BODY), { code: 'SEAL_INVALID' });
  }
});
