/** LOG.md §5, what the steps leave to the reader: options, trust file, pin, seal, trees, leaves. */
import { signNote } from '@vitrine/chain';
import type { JsonObject } from '@vitrine/schema';
import type { BundleJson } from '../file.ts';
import { type ForgedLog, KEY, ORIGIN } from '../forge.ts';
import type { BundleRow } from '../row.ts';
import { witness } from '../witness.ts';
import { asked, edited, FORGED_TRUST, golden, honest, lied } from './make.ts';
import { closedSession, ended, joined, opened } from './story.ts';

const ABSENT = golden('absent');
const CLOSED = golden('session-closed');
const EVENT = golden('event');
const INACTIVE = golden('inactive');
const FORGED = honest(closedSession);
const ZEROS = Buffer.alloc(32).toString('base64');
const EMPTY_ROOT = '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=';
const W = [witness('w0', 50), witness('w1', 51)].map(({ line }) => line);

const INPUTS =
  'Options, trust file and pin are read before the bundle; what is wrong with their form is (2)';
const UNEXPECTED = 'To expect what a claim does not have is (4)';
const LINE = 'strict base64 of 5 or more bytes: key id (4), signature';
const ALL_ELSE = 'All else is (2)';
const FROM_NOTHING = 'from size 0 nothing is proven (1)';
const NO_JSON =
  'A text that is not JSON is (2) here as in step 5, and wherever a text must be canonical';
const EMPTY_TREE = 'In a tree of size 0 no seal has an index (1)';
const STORY =
  'a `join` whose `target` is `{chain, first}` with a chain of S that is not `sup`, not joined ' +
  'before; an `end` for a chain that was joined before and has none yet; a `close` when each ' +
  'chain joined so far has one (1 each)';
const EACH_CHAIN = '`first` is 0 (3), it was joined, its first leaf hash is that of the `join` (1)';
const EACH_JOIN =
  'the chain is there (3), and where it has an `end`, its `seq` is a count and `head` a hash ' +
  "(1), and they are the chain's last: (3), (1)";
const NEEDED =
  'A claim that needs `neighbours` and has no such member is (3), also for an empty tree';
const TOO_MANY = 'More than two are not adjacent (1)';
const DAY_SEALS = 'none (3), none of the claimed day (1)';
const LEAVES =
  'then it is one of §3 that stands at its index by the rules of step 4, its times aside. Any ' +
  'other is a record of §1 (1)';

/** A trust file that is none, for one reason. */
function misread(what: string, trust: string): BundleRow {
  return asked(`5.9e-${what}`, ALL_ELSE, [2, /trust/], FORGED, { trust });
}

const LOG = `log ${KEY.vkey}\n`;
const NONE = 'quorum none\n';
const interval = (text: string) => `${FORGED_TRUST}#vitrine interval ${text}\n`;

export const READER_ROWS: BundleRow[] = [
  asked('5.9a', INPUTS, [2, /trust/], FORGED, { trust: '' }),
  asked('5.9a-pin', INPUTS, [2, /pin/], FORGED, { pin: '{}' }),
  asked('5.9a-pinned-note', INPUTS, [2, /pin/], FORGED, {
    pin: JSON.stringify({ origin: ORIGIN, size: 1, root: ZEROS, note: `${ORIGIN}\n1\n${ZEROS}\n` }),
  }),
  asked('5.9c', UNEXPECTED, [4, /^form /], EVENT, { expect: { session: 's1' } }),
  asked('5.9c-chain', UNEXPECTED, [4, /^form /], CLOSED, { expect: { chain: 's1/sup' } }),
  edited('5.9d', LINE, [2, /^form /], FORGED, (b) => {
    const name = b.checkpoint.replace(/ [^ ]*\n$/, '');
    b.checkpoint = `${name} ${Buffer.from(KEY.keyId, 'hex').toString('base64')}\n`;
  }),
  misread('word', `${FORGED_TRUST}logs x\n`),
  misread('words', `${FORGED_TRUST}quorum\n`),
  misread('vkey', `log ${KEY.vkey.replace(/\+[0-9a-f]{8}\+/, '+00000000+')}\n${NONE}`),
  misread('type', `${LOG}${W[0]!.replace(/^witness w0/, 'log')}${NONE}`),
  misread('twice', `${LOG}${LOG}${NONE}`),
  misread('name', `${LOG}${W[0]}${W[1]!.replace('w1', 'w0')}${NONE}`),
  misread('none', `${LOG}${W[0]!.replace('w0', 'none')}${NONE}`),
  misread('later', `${LOG}quorum w0\n${W[0]}`),
  misread('member-none', `${LOG}${W[0]}group g any w0 none\n${NONE}`),
  misread('member-twice', `${LOG}${W.join('')}group g any w0\ngroup h any w0 w1\n${NONE}`),
  misread('threshold', `${LOG}${W.join('')}group g 3 w0 w1\n${NONE}`),
  misread('threshold-0', `${LOG}${W.join('')}group g 0 w0 w1\n${NONE}`),
  misread('no-quorum', LOG),
  misread('two-quorums', `${LOG}${NONE}${NONE}`),
  misread('interval', interval(`${KEY.keyId} 5 5`)),
  misread('interval-key', interval('00000000 0 -')),
  misread('interval-form', interval(`${KEY.keyId} 0`)),
  misread('control', `${FORGED_TRUST}# \u0001\n`),
  lied('5.9f', FROM_NOTHING, [1, /^pin /], (log, lies) => {
    const first = signNote(`${ORIGIN}\n0\n${EMPTY_ROOT}\n`, KEY);
    const bundle = closedSession(log);
    const pin = JSON.stringify({ origin: ORIGIN, size: 0, root: EMPTY_ROOT, note: first });
    if (lies)
      return { bundle: { ...bundle, consistency: { from: first, proof: [] } }, args: { pin } };
    return { bundle, args: { pin: log.pin() } };
  }),
  lied('5.9g', NO_JSON, [2, /^seal /], (log, lies) => {
    opened(log);
    log.seal(lies ? { text: 'seal' } : {});
    return log.range('s1/b1', 0, 3, lies ? { chains: [headless(log)] } : {});
  }),
  edited('5.9g-attached', NO_JSON, [2, /^attached /], EVENT, (b) => {
    b.attached[1]!.record = b.attached[1]!.record.slice(1);
  }),
  edited('5.9g-neighbour', NO_JSON, [2, /^claim neighbours/], ABSENT, (b) => {
    b.neighbours![0]!.leaf = b.neighbours![0]!.leaf.slice(1);
  }),
  lied('5.9h', EMPTY_TREE, [1, /^seal /], (log, lies) => {
    const bundle = closedSession(log);
    if (!lies) return bundle;
    const checkpoint = signNote(`${ORIGIN}\n0\n${EMPTY_ROOT}\n`, KEY);
    return { ...bundle, checkpoint, seal: { record: bundle.seal.record, proof: [] } };
  }),
  supervised('5.9i-sup', STORY, /^claim .*this session/, (log) => {
    const first = log.records.get('s1/sup')![0]!.leaf.toString('base64');
    log.add('s1/sup', 'join', { target: { chain: 's1/sup', first } });
  }),
  lied('5.9i-early', STORY, [1, /^claim .*that was joined/], (log, lies) => {
    log.add('s1/sup', 'open');
    log.add('s1/b1', 'x');
    const steps = [() => joined(log, 's1/b1'), () => ended(log, 's1/b1')];
    for (const step of lies ? steps.reverse() : steps) step();
    log.seal();
    return log.session('s1');
  }),
  lied('5.9j', EACH_CHAIN, [3, /^claim .*from seq 0/], (log, lies) => {
    const bundle = closedSession(log);
    if (lies) bundle.chains[0] = log.chain('s1/b1', 2);
    return bundle;
  }),
  supervised('5.9k-seq', EACH_JOIN, /^claim /, (log) => endOf(log, { seq: -1 })),
  supervised('5.9k-head', EACH_JOIN, /^claim /, (log) => endOf(log, { head: 'AAAA' })),
  lied('5.9l', NEEDED, [3, /^claim neighbours/], (log, lies) => {
    closedSession(log);
    log.seal({ heads: [] });
    const bundle = log.bundle({ type: 'absent', session: 's1' });
    return lies ? bundle : { ...bundle, neighbours: [] };
  }),
  lied('5.9m', TOO_MANY, [1, /^claim neighbours/], (log, lies) => {
    for (const session of ['s1', 's3']) opened(log, session, 1);
    log.seal();
    const neighbours = [1, 2, ...(lies ? [3] : [])].map((i) => log.neighbour(i));
    return log.bundle({ type: 'absent', session: 's2' }, { neighbours });
  }),
  edited('5.9n', DAY_SEALS, [3, /^claim attached/], INACTIVE, (b) => {
    b.attached.length = 0;
  }),
  edited('5.9n-other', DAY_SEALS, [1, /^claim attached/], INACTIVE, (b) => {
    b.claim.day = '2025-11-23';
  }),
  lied('5.9o', LEAVES, [1, /^attached /], (log, lies) => {
    opened(log);
    log.seal(lies ? { change: { count: 1 } } : {});
    return beside(log, log.leaves.length - 1);
  }),
  lied('5.9o-record', LEAVES, [1, /^attached /], (log, lies) => {
    opened(log);
    const { index } = log.put('x/x', 0, lies ? '{"kind":"x"}' : log.texts[1]!);
    log.forget('x');
    log.seal();
    return beside(log, index);
  }),
];

/** A leaf beside a range, under a later seal. */
function beside(log: ForgedLog, index: number): BundleJson {
  log.seal();
  return log.range('s1/b1', 0, 3, { attached: [log.leaf(index)] });
}

function headless(log: ForgedLog): BundleJson['chains'][number] {
  const chain = log.chain('s1/b1');
  delete chain.head;
  return chain;
}

/** An open session, whose `sup` says one thing more. */
function supervised(
  id: string,
  text: string,
  says: RegExp,
  lie: (log: ForgedLog) => void,
): BundleRow {
  return lied(id, text, [1, says], (log, lies) => {
    opened(log);
    if (lies) lie(log);
    log.seal();
    return log.session('s1');
  });
}

function endOf(log: ForgedLog, change: JsonObject): void {
  const { seq, leaf } = log.last('s1/b1');
  const target = { chain: 's1/b1', seq, head: leaf.toString('base64'), ...change };
  log.add('s1/sup', 'end', { target, state: 'closed', reason: 'bye' });
}
