/** LOG.md §5, step 5, and the claims of step 6 but that of a session. */
import { canonicalBytes } from '@vitrine/chain';
import type { JsonObject } from '@vitrine/schema';
import { type BundleJson, withMembers } from '../file.ts';
import type { ForgedLog } from '../forge.ts';
import type { BundleRow } from '../row.ts';
import { edited, golden, honest, lied } from './make.ts';
import { opened, openSession } from './story.ts';

const CLOSED = golden('session-closed');
const RANGE = golden('range');
const EVENT = golden('event');
const ABSENT = golden('absent');
const INACTIVE = golden('inactive');
const FORGED = honest(openSession);
const ZEROS = Buffer.alloc(32).toString('base64');

const CANONICAL = 'canonical and as §1 says (1)';
const NAMED = '`v` 1 and `session/shim` = `chain` (1)';
const LINKED = '`prev` links, zero at 0 (1)';
const INCLUDED = 'Then `tip` inclusion (1).';
const HEADED = 'Then `head`, if given: heads present (3), inclusion (1).';
const RANGED = '*range*: exactly that chain and range (3).';
const SEALED = '*absent*, *inactive*: heads present, day seal attached (3)';
const AROUND = 'neighbours canonical, included, adjacent, around S (1).';

/** The first record of `s1/b1` is one that only an insider can put there. */
function begun(id: string, text: string, code: 1 | 2, says: RegExp, change: (x: string) => string) {
  return lied(id, text, [code, says], (log, lies) => {
    const { text: sound } = log.add('s1/b1', 'x', { n: 1, list: [] });
    log.records.clear();
    log.leaves.length = 0;
    log.texts.length = 0;
    log.put('s1/b1', 0, lies ? change(sound) : sound);
    log.seal();
    return log.range('s1/b1', 0, 0);
  });
}

const members = (change: JsonObject) => (text: string) => withMembers(text, change);

/** A record of §1 in every respect but one. */
function misshapen(id: string, change: JsonObject): BundleRow {
  return begun(id, CANONICAL, 1, /^chains .*records\/0/, members(change));
}

/** Chain s1/b1 before another one; `lies` decides which member of the second record is wrong. */
function second(id: string, text: string, code: 1 | 3, says: RegExp, wrong: JsonObject): BundleRow {
  return lied(id, text, [code, says], (log, lies) => {
    const { leaf } = log.add('s1/b1', 'x');
    const sound = { seq: 1, prev: leaf.toString('base64'), ...(lies ? wrong : {}) };
    const more = { kind: 'x', parts: {}, session: 's1', shim: 'b1', t: '1', v: 1 };
    log.put('s1/b1', 1, canonicalBytes({ ...more, ...sound }).toString());
    log.seal();
    return log.range('s1/b1', 0, 1);
  });
}

export const CHAIN_ROWS: BundleRow[] = [
  begun('5.5a', 'JSON (2)', 2, /^chains .*records\/0/, (text) => text.slice(0, -1)),
  begun('5.5a-fraction', 'JSON (2)', 2, /^chains .*records\/0/, (x) =>
    x.replace('"n":1', '"n":1.0'),
  ),
  begun('5.5b', CANONICAL, 1, /^chains .*records\/0/, (text) => `${text} `),
  misshapen('5.5b-kind', { kind: 'X' }),
  misshapen('5.5b-prev', { prev: 'AAAA' }),
  misshapen('5.5b-t', { t: '01' }),
  misshapen('5.5b-part', { parts: { BODY: ZEROS } }),
  misshapen('5.5b-hash', { parts: { body: 'AAAA' } }),
  begun('5.5b-long', CANONICAL, 1, /^chains .*records\/0/, members({ more: 'x'.repeat(65_535) })),
  begun('5.5b-key', CANONICAL, 1, /^chains .*records\/0/, (x) => x.replace('"n"', '"né"')),
  begun('5.5b-proto', CANONICAL, 1, /^chains .*records\/0/, (x) => `{"__proto__":1,${x.slice(1)}`),
  begun('5.5b-integer', CANONICAL, 1, /^chains .*records\/0/, (x) => {
    return x.replace('"n":1', '"n":9007199254740992');
  }),
  begun('5.5b-depth', CANONICAL, 1, /^chains .*records\/0/, (x) => {
    return x.replace('[]', '['.repeat(16) + ']'.repeat(16));
  }),
  misshapen('5.5c', { v: 2 }),
  begun('5.5c-session', NAMED, 1, /^chains .*s1\/b1/, members({ session: 's2' })),
  begun('5.5c-shim', NAMED, 1, /^chains .*s1\/b1/, members({ shim: 'b2' })),
  second('5.5d', '`seq` from `first` without hole (3)', 3, /^chains .*seq 1/, { seq: 2 }),
  edited(
    '5.5d-first',
    '`seq` from `first` without hole (3)',
    [3, /^chains .*seq 0/],
    RANGE,
    (b) => {
      b.chains[0]!.first = 0;
    },
  ),
  second('5.5e', LINKED, 1, /^chains .*prev/, { prev: ZEROS }),
  begun('5.5e-zero', LINKED, 1, /^chains .*prev/, members({ prev: `B${ZEROS.slice(1)}` })),
  edited('5.5f', INCLUDED, [1, /^chains chains\/1\/tip/], CLOSED, (b) => {
    b.chains[1]!.tip = b.chains[0]!.tip;
  }),
  lied('5.5g', HEADED, [3, /^chains .*a seal with heads/], (log, lies) => {
    opened(log);
    log.seal();
    const head = log.head('s1/b1')!;
    log.seal(lies ? { heads: null } : {});
    const bundle = log.range('s1/b1', 0, 3);
    bundle.chains[0]!.head = head;
    return bundle;
  }),
  edited('5.5h', HEADED, [1, /^chains .*head/], FORGED, (b) => {
    b.chains[0]!.head!.proof[0] = ZEROS;
  }),
  lied('5.5h-behind', HEADED, [1, /^chains .*head/], (log, lies) => {
    const bundle = openSession(log);
    const old = { chain: log.chain('s1/b1', 0, 2), head: log.head('s1/b1')! };
    if (lies) bundle.chains[0] = { ...old.chain, head: old.head };
    return bundle;
  }),
];

function absent(log: ForgedLog, session: string, indices: number[]): BundleJson {
  const neighbours = indices.map((i) => log.neighbour(i));
  return log.bundle({ type: 'absent', session }, { neighbours });
}

/** Sessions s1, s3 and s5 are open; s2 is not. An insider may seal other heads. */
function neighboured(
  id: string,
  says: RegExp,
  lie: (bundle: BundleJson, log: ForgedLog) => void,
  claimed = 's2',
): BundleRow {
  return lied(id, AROUND, [1, says], (log, lies) => {
    for (const session of ['s1', 's3', 's5']) opened(log, session, 1);
    log.seal();
    const bundle = absent(log, claimed, claimed === 's0' ? [0] : [1, 2]);
    if (lies) lie(bundle, log);
    return bundle;
  });
}

export const CLAIM_ROWS: BundleRow[] = [
  edited('5.6a', RANGED, [3, /^claim .*0 to 3/], RANGE, (b) => {
    b.claim.first = 0;
  }),
  edited('5.6a-chain', RANGED, [3, /^claim .*s1\/sup/], RANGE, (b) => {
    b.claim.chain = 's1/sup';
  }),
  lied('5.6a-more', RANGED, [3, /^claim .*no others/], (log, lies) => {
    opened(log);
    log.seal();
    const bundle = log.range('s1/b1', 0, 3);
    if (lies) bundle.chains.push(log.chain('s1/sup'));
    return bundle;
  }),
  edited('5.6b', '*event*: the element is there (3).', [3, /^claim .*leaf 13/], EVENT, (b) => {
    b.attached.shift();
  }),
  lied('5.6c', SEALED, [3, /^claim seal: expected heads/], (log, lies) => {
    for (const session of ['s1', 's3']) opened(log, session, 1);
    log.seal();
    const before = absent(log, 's2', [1, 2]);
    log.seal(lies ? { heads: null } : {});
    return { ...before, checkpoint: log.note, seal: log.bundle({}).seal };
  }),
  edited('5.6c-neighbours', SEALED, [3, /^claim neighbours/], ABSENT, (b) => {
    delete b.neighbours;
  }),
  edited('5.6c-day', SEALED, [3, /^claim attached.*day seal/], INACTIVE, (b) => {
    b.attached = [];
  }),
  edited('5.6d', 'its `day` (1)', [1, /^claim attached.*2025-11-25/], INACTIVE, (b) => {
    b.claim.day = '2025-11-25';
  }),
  neighboured('5.6e', /^claim neighbours\/0/, (b) => {
    b.neighbours![0]!.leaf = b.neighbours![0]!.leaf.replace(':', ': ');
  }),
  neighboured('5.6e-members', /^claim neighbours\/0/, (b) => {
    b.neighbours![0]!.leaf = withMembers(b.neighbours![0]!.leaf, { more: 1 });
  }),
  neighboured('5.6f', /^claim neighbours\/0.*does not hold/, (b) => {
    b.neighbours![0]!.leaf = withMembers(b.neighbours![0]!.leaf, { chain: 's1/zzz' });
  }),
  neighboured('5.6f-path', /^claim neighbours\/1.*does not hold/, (b) => {
    b.neighbours![1]!.proof.reverse();
  }),
  neighboured('5.6g', /^claim neighbours.*adjacent/, (b, log) => {
    b.neighbours![1] = log.neighbour(4);
  }),
  neighboured('5.6g-right', /^claim neighbours.*adjacent/, (b) => b.neighbours!.shift()),
  neighboured('5.6g-none', /^claim neighbours.*adjacent/, (b) => {
    b.neighbours = [];
  }),
  neighboured('5.6h', /^claim neighbours.*before s3/, (b) => {
    b.claim.session = 's3';
  }),
  neighboured('5.6h-prefix', /^claim neighbours.*before s3/, (b, log) => {
    // s3 is open; s30, which begins with it, is not: its place is another one.
    b.claim.session = 's3';
    b.neighbours = [log.neighbour(3), log.neighbour(4)];
  }),
  neighboured(
    '5.6h-first',
    /^claim neighbours.*before s3/,
    (b) => {
      b.claim.session = 's3';
    },
    's0',
  ),
  edited('5.6h-inactive', AROUND, [1, /^claim neighbours/], INACTIVE, (b) => {
    b.claim.session = 's1';
  }),
];
