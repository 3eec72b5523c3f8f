/** Attacks 23 to 27, 40, 54 to 56 and 58: on proofs, indices, sorted trees and the file as such. */
import { BUNDLE_BYTES_MAX } from '@vitrine/schema';
import type { BundleJson } from '../file.ts';
import type { ForgedLog } from '../forge.ts';
import type { BundleRow } from '../row.ts';
import { edited, FORGED_TRUST, golden, honest, lied, replaced, rewritten } from './make.ts';
import { opened, openSession } from './story.ts';

const CLOSED = golden('session-closed');
const RANGE = golden('range');
const EVENT = golden('event');
const ABSENT = golden('absent');
const FORGED = honest(openSession);
const ZEROS = Buffer.alloc(32).toString('base64');
/** Beyond every index of a small tree: where a multiproof forgery of merkletreejs puts its leaf. */
const FAR = 2 ** 20;

const WRONG_INDEX = 'wrong index; index ≥ size; negative; fractional';
const CONFUSED = 'leaf/node confusion (interior preimage as record)';
const GARBAGE = 'garbage, deep nesting, 1 GB, 2^53+1 sizes, 64-bit overflow';
const MULTIPROOF = 'multiproof forgeries B.3 #9–#11 replayed against our verifier';
const NOT_ADJACENT = 'chain declared absent by non-adjacent heads leaves';
const OWN_KEYS = 'bundle that brings its own policy/keys';

/** The heads tree of an insider who names a chain twice, or not in its place. */
function absence(log: ForgedLog, indices: number[], session: string): BundleJson {
  const neighbours = indices.map((i) => log.neighbour(i));
  return log.bundle({ type: 'absent', session }, { neighbours });
}

export const PROOF_ROWS: BundleRow[] = [
  edited('23', 'mutated proof hash', [1, /^chains .*tip/], CLOSED, (b) => {
    b.chains[0]!.tip.proof[1] = ZEROS;
  }),
  edited('24-extra', 'proof with extra / missing element', [1, /^chains .*tip/], CLOSED, (b) => {
    b.chains[0]!.tip.proof.push(ZEROS);
  }),
  edited('24-missing', 'proof with extra / missing element', [1, /^seal /], CLOSED, (b) => {
    b.seal.proof.pop();
  }),
  edited('25', WRONG_INDEX, [1, /^chains .*tip/], CLOSED, (b) => {
    b.chains[0]!.tip.index ^= 1;
  }),
  edited('25-size', WRONG_INDEX, [1, /^chains .*tip/], CLOSED, (b) => {
    b.chains[0]!.tip.index = 32;
  }),
  replaced('25-negative', WRONG_INDEX, [2, /^form /], RANGE, /"index":[0-9]+/, '"index":-1'),
  replaced('25-fraction', WRONG_INDEX, [2, /^form /], RANGE, /"index":([0-9]+)/, '"index":$1.5'),
  lied('26', CONFUSED, [2, /^chains .*records\/0/], (log, lies) => {
    log.add('s1/b1', 'x');
    log.add('s1/b1', 'y');
    log.seal();
    const bundle = log.range('s1/b1', 0, 0);
    const chain = bundle.chains[0]!;
    delete chain.head;
    if (!lies) return bundle;
    // What was hashed for the node of the two, with the path of that node.
    chain.records = [Buffer.concat(log.leaves.slice(0, 2)).toString('latin1')];
    chain.tip = { index: 0, proof: chain.tip.proof.slice(1) };
    return bundle;
  }),
  edited('26-path', CONFUSED, [1, /^chains .*tip/], CLOSED, (b) => {
    b.chains[0]!.tip.proof.shift();
  }),
  lied('27', 'older seal presented as the last leaf', [1, /^seal /], (log, lies) => {
    openSession(log);
    const { index, record } = log.leaf(log.leaves.length - 1);
    log.add('s1/b1', 'x');
    log.seal();
    const bundle = log.session('s1');
    if (lies) bundle.seal = { record, proof: log.proof(index).proof };
    return bundle;
  }),
  rewritten('40', GARBAGE, [2, /^form /], CLOSED, (bundle) => {
    return bundle.subarray(0, bundle.length - 1);
  }),
  rewritten('40-utf8', GARBAGE, [2, /^form /], CLOSED, (bundle) => {
    return Buffer.concat([Buffer.from([0xff]), bundle.subarray(1)]);
  }),
  rewritten('40-depth', GARBAGE, [2, /^form /], CLOSED, (bundle) => {
    const deep = `"attached":${'['.repeat(500_000)}${']'.repeat(500_000)},"old":`;
    return Buffer.from(bundle.toString().replace('"attached":', deep));
  }),
  lied('40-depth-record', GARBAGE, [1, /^chains .*records\/0/], (log, lies) => {
    log.add('s1/b1', 'x', { deep: nested(14) });
    if (lies) log.records.clear();
    if (lies) log.put('s1/b1', 0, log.texts[0]!.replace('[[', '[[[[').replace(']]', ']]]]'));
    log.seal();
    return log.range('s1/b1', 0, 0);
  }),
  {
    ...rewritten('40-gigabyte', GARBAGE, [2, /^form /], CLOSED, (bundle) => {
      // Spaces are no fault of a file; its length is.
      return Buffer.concat([bundle, Buffer.alloc(BUNDLE_BYTES_MAX + 1 - bundle.length, ' ')]);
    }),
    where: ['node'],
  },
  replaced('40-2^53', GARBAGE, [2, /^form /], EVENT, '"index":13', '"index":9007199254740993'),
  replaced('40-2^64', GARBAGE, [2, /^form /], EVENT, '"index":13', '"index":18446744073709551629'),
  replaced('40-size', GARBAGE, [2, /^form /], EVENT, '\\n20\\n', '\\n9007199254740993\\n'),
  replaced('40-overflow', GARBAGE, [2, /^form /], EVENT, '\\n20\\n', '\\n18446744073709551636\\n'),
  edited('54-beyond', MULTIPROOF, [1, /^attached /], EVENT, (b) => {
    // #9: a leaf of the tree, and another one beyond it, with padding for a path.
    const record = b.attached[0]!.record.replace('"v":1', '"v":2');
    b.attached.push({ index: FAR, proof: Array(20).fill(ZEROS) as string[], record });
  }),
  edited('54-one-leaf', MULTIPROOF, [1, /^trust /], EVENT, (b) => {
    // #10: the tree is said to have one leaf, which is its root.
    b.checkpoint = b.checkpoint.replace('\n20\n', '\n1\n');
    b.attached[0]!.proof = [];
  }),
  replaced(
    '54-negative',
    MULTIPROOF,
    [2, /^form /],
    EVENT,
    /"index":13,"proof"/,
    '"index":-16,"proof"',
  ),
  lied('55', NOT_ADJACENT, [1, /^claim neighbours/], (log, lies) => {
    for (const session of ['s1', 's3', 's5']) opened(log, session, 1);
    log.seal();
    // The heads: s1/b1, s1/sup, s3/b1, s3/sup, s5/b1, s5/sup.
    return lies ? absence(log, [1, 4], 's3') : absence(log, [1, 2], 's2');
  }),
  edited('55-alone', NOT_ADJACENT, [1, /^claim neighbours/], ABSENT, (b) => {
    b.neighbours!.pop();
  }),
  // Neither leaf alone is wrong: that both are heads of one chain is, when both are shown.
  lied('56', 'heads tree unsorted / duplicate chain', [5, /^contradictions /], (log, lies) => {
    opened(log, 's1', 2);
    const heads = log.openHeads();
    const old = log.records.get('s1/b1')![0]!;
    if (lies) heads.push({ chain: 's1/b1', head: old.leaf, seq: 0 });
    log.seal({ heads });
    // The last head is before s9: that no chain of s9 is open is shown by it alone.
    const bundle = absence(log, [heads.length - 1], 's9');
    bundle.chains = [log.chain('s1/b1')];
    return bundle;
  }),
  // Unknown members are refused by LOG.md: 2, where the list says 4.
  replaced(
    '58',
    OWN_KEYS,
    [2, /^form /],
    EVENT,
    /\}$/,
    `,"trust":${JSON.stringify(FORGED_TRUST)}}`,
  ),
  {
    ...rewritten('58-key', OWN_KEYS, [4, /^trust .*a log of the trust file/], EVENT, () => {
      return FORGED().bundle;
    }),
  },
];

function nested(depth: number): never {
  return JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`) as never;
}
