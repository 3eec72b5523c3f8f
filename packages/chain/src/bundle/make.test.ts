import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PROOF_HASHES_MAX } from '@vitrine/schema';
import { type BundleInput, makeBundle, sha256 } from '../index.ts';
import { writeCanonical } from '../record/canonical.ts';
import { rigSession } from '../verify/rig.ts';

const LOG = rigSession(3, true);

function inputOf(): BundleInput {
  const { record, proof } = LOG.leaf(LOG.leaves.length - 1);
  return {
    claim: { type: 'session', session: 's1' },
    checkpoint: LOG.note,
    seal: { record, proof },
    chains: [LOG.chain('s1/sup'), LOG.chain('s1/b1')],
    attached: [LOG.leaf(1)],
  };
}

test('a bundle is canonical, its chains sorted', () => {
  const bytes = makeBundle(inputOf());
  const value = JSON.parse(bytes.toString());
  assert.deepEqual(writeCanonical(value), new Uint8Array(bytes));
  assert.deepEqual(
    value.chains.map((c: { chain: string }) => c.chain),
    ['s1/b1', 's1/sup'],
  );
  const members = ['attached', 'chains', 'checkpoint', 'claim', 'format', 'seal'];
  assert.deepEqual(Object.keys(value), members);
});

test('what no verifier would read is not made', () => {
  const chain = LOG.chain('s1/b1');
  const hash = sha256(Buffer.alloc(0));
  const part = { seq: 0, name: 'a', salt: Buffer.alloc(16), data: Buffer.alloc(1) };
  const bad: Partial<BundleInput>[] = [
    { claim: { type: 'session', session: 'a/b' } },
    { claim: { type: 'range', chain: 's1/b1', first: 2, last: 1 } },
    { claim: { type: 'event', index: -1 } },
    { claim: { type: 'inactive', session: 's1', day: '2026-00-01' } },
    { claim: { type: 'session', session: 's1', day: '2026-01-01' } as never },
    { claim: { type: 'other' } as never },
    { checkpoint: 'no note' },
    { consistency: { from: 'no note', proof: [] } },
    { chains: [chain, chain] },
    { chains: [{ ...chain, records: [] }] },
    { chains: [{ ...chain, chain: 'b1' }] },
    { chains: [{ ...chain, first: -1 }] },
    { chains: [{ ...chain, parts: [part, part] }] },
    { chains: [{ ...chain, parts: [{ ...part, salt: Buffer.alloc(15) }] }] },
    { chains: [{ ...chain, tip: { index: 0, proof: [Buffer.alloc(31)] } }] },
    { attached: [{ ...LOG.leaf(1), index: 0.5 }] },
    { attached: [{ ...LOG.leaf(1), proof: Array(PROOF_HASHES_MAX + 1).fill(hash) }] },
  ];
  for (const part of bad) {
    const make = () => makeBundle({ ...inputOf(), ...part });
    assert.throws(make, { name: 'ChainError', code: /^(BUNDLE_MALFORMED|NOTE_INVALID)$/ });
  }
});
