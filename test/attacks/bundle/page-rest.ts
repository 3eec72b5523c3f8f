/** LOG.md §5, steps 7 and 8: attached leaves, contradictions and parts. */
import type { JsonObject } from '@vitrine/schema';
import type { BundleJson } from '../file.ts';
import type { ForgedLog } from '../forge.ts';
import type { BundleRow } from '../row.ts';
import { asked, edited, golden, honest, lied } from './make.ts';
import { closed, ended, opened, openSession } from './story.ts';

const CLOSED = golden('session-closed');
const EVENT = golden('event');
const FORGED = honest(openSession);
const SALT = 'AAAAAAAAAAAAAAAAAAAAAA==';

const ATTACHED = '**Attached**: canonical, inclusion (1).';
const TWO = 'two records of one `(chain, seq)` with other hashes';
const HEADS =
  "a head of this seal with the `seq` of a record and another hash, or lower than a record's `seq`";
const AMONG = 'among all records and proven heads of this bundle';
const CONTRADICTIONS = `**Contradictions** (5): ${AMONG}, ${TWO}`;
const RUN = "an `admit` run in the log of which `last` is above that chain's proven head";
const BEYOND = 'a record of `sup` beyond its `close`';
const MATCHED = 'each given part is committed to by its record and matches (1)';
const NOBODYS = 'a part of no record (1)';
const REDACTED = 'covered by an attached `redact` of `log/audit` for that `(chain, seq, part)`';
const EXPIRED =
  'by an attached `expire` of `log/audit` whose `below` is above the index of that record ' +
  '(shown by the tip or by an attached later record of the chain): listed as redacted; ' +
  'otherwise (3)';
const WITHOUT =
  '`"parts": null`: no part of that chain was checked, which the verdict says; ' +
  'with `require-parts` (3)';

/** Signed statements that cannot both be true, of which `lies` makes one. */
function contradicts(
  id: string,
  text: string,
  tell: (log: ForgedLog, lies: boolean) => BundleJson,
): BundleRow {
  return lied(id, text, [5, /^contradictions /], tell);
}

export const CONTRADICTION_ROWS: BundleRow[] = [
  lied('5.7a', ATTACHED, [1, /^attached .*canonical/], (log, lies) => {
    opened(log);
    const { text } = log.add('log/alert', 'alert');
    const twin = log.put('log/receipt', 0, lies ? text.replace(':', ': ') : text);
    log.forget('log');
    log.seal();
    return log.bundle({ type: 'event', index: twin.index }, { attached: [log.leaf(twin.index)] });
  }),
  edited('5.7b', ATTACHED, [1, /^attached .*does not hold/], EVENT, (b) => {
    b.attached[1]!.index = 7;
  }),
  contradicts('5.7c', CONTRADICTIONS, (log, lies) => {
    opened(log);
    const sound = log.records.get('s1/b1')![2]!;
    const other = log.put('x/x', 0, sound.text.replace('/w/2', lies ? '/w/9' : '/w/2'));
    log.forget('x');
    log.seal();
    return log.range('s1/b1', 0, 3, { attached: [log.leaf(other.index)] });
  }),
  contradicts('5.7c-attached', CONTRADICTIONS, (log, lies) => {
    const one = log.add('s1/b1', 'x');
    const other = log.put(
      'x/x',
      0,
      one.text.replace('"kind":"x"', lies ? '"kind":"y"' : '"kind":"x"'),
    );
    log.forget('x');
    log.seal();
    const attached = [log.leaf(one.index), log.leaf(other.index)];
    return log.bundle({ type: 'event', index: one.index }, { attached });
  }),
  contradicts('5.7d', HEADS, (log, lies) => {
    opened(log);
    const [head, ...more] = log.openHeads();
    const other = { ...head!, head: Buffer.alloc(32) };
    log.seal({ heads: lies ? [other, ...more] : [head!, ...more] });
    const bundle = log.bundle({ type: 'absent', session: 's0' });
    bundle.neighbours = [log.neighbour(0)];
    bundle.attached = [log.leaf(log.last('s1/b1').index)];
    return bundle;
  }),
  contradicts('5.7e', HEADS, (log, lies) => {
    opened(log);
    const [head, ...more] = log.openHeads();
    const old = log.records.get('s1/b1')![2]!;
    const lower = { chain: 's1/b1', head: old.leaf, seq: old.seq };
    log.seal({ heads: lies ? [lower, ...more] : [head!, ...more] });
    const bundle = log.bundle({ type: 'absent', session: 's0' });
    bundle.neighbours = [log.neighbour(0)];
    const whole = log.chain('s1/b1');
    delete whole.head;
    bundle.chains = [whole];
    return bundle;
  }),
  contradicts('5.7f', RUN, (log, lies) => {
    const run = { chain: 's1/b1', first: 0, last: lies ? 4 : 3, via: 'relay' };
    const admit = log.add('log/admit', 'admit', { runs: [run] });
    opened(log);
    log.seal();
    return log.session('s1', { attached: [log.leaf(admit.index)] });
  }),
  contradicts('5.7g', BEYOND, (log, lies) => {
    opened(log);
    ended(log, 's1/b1');
    closed(log);
    const close = log.last('s1/sup');
    const after = log.add(lies ? 's1/sup' : 's2/sup', 'open');
    log.seal();
    const attached = [log.leaf(close.index), log.leaf(after.index)];
    return log.bundle({ type: 'event', index: close.index }, { attached });
  }),
  contradicts('5.7g-session', BEYOND, (log, lies) => {
    opened(log);
    ended(log, 's1/b1');
    closed(log);
    const chains = ['s1/b1', 's1/sup'].map((chain) => [chain, log.last(chain).seq] as const);
    const after = log.add(lies ? 's1/sup' : 's2/sup', 'gap');
    log.seal();
    const shown = chains.map(([chain, last]) => log.chain(chain, 0, last));
    const attached = [log.leaf(after.index)];
    return log.bundle({ type: 'session', session: 's1' }, { chains: shown, attached });
  }),
];

/** Part argv of record 1 of s1/b1 is gone; the log says something about it. */
function gone(
  id: string,
  text: string,
  kind: string,
  target: [lie: JsonObject, truth: JsonObject],
  chain = 'log/audit',
): BundleRow {
  return lied(id, text, [3, /^parts .*argv/], (log, lies) => {
    opened(log);
    const said = log.add(lies ? chain : 'log/audit', kind, { target: target[lies ? 0 : 1] });
    log.seal();
    const bundle = log.session('s1', { attached: [log.leaf(said.index)] });
    delete bundle.chains[0]!.parts![1]!.argv;
    return bundle;
  });
}

const TARGET = { chain: 's1/b1', seq: 1, part: 'argv' };
/** Of `opened`: sup is leaf 0, the records of s1/b1 are leaves 1 to 4; its tip is leaf 4. */
const BELOW = { below: 5, part: '*' };

export const PART_ROWS: BundleRow[] = [
  edited('5.8a', MATCHED, [1, /^parts .*argv/], CLOSED, (b) => {
    b.chains[0]!.parts![1]!.argv!.data = '';
  }),
  edited('5.8a-exchanged', MATCHED, [1, /^parts /], CLOSED, (b) => {
    b.chains[0]!.parts![1]!.argv = b.chains[0]!.parts![3]!.otlp!;
  }),
  edited('5.8a-uncommitted', MATCHED, [1, /^parts .*more/], CLOSED, (b) => {
    b.chains[0]!.parts![1]!.more = { salt: SALT, data: '' };
  }),
  edited('5.8b', NOBODYS, [1, /^parts /], CLOSED, (b) => {
    b.chains[0]!.parts![9] = { argv: { salt: SALT, data: '' } };
  }),
  edited('5.8b-before', NOBODYS, [1, /^parts /], golden('range'), (b) => {
    b.chains[0]!.parts![0] = { argv: { salt: SALT, data: '' } };
  }),
  gone('5.8c', REDACTED, 'redact', [{ ...TARGET, seq: 2 }, TARGET]),
  gone('5.8c-part', REDACTED, 'redact', [{ ...TARGET, part: 'env' }, TARGET]),
  gone('5.8c-chain', REDACTED, 'redact', [{ ...TARGET, chain: 's1/b2' }, TARGET]),
  gone('5.8c-relay', REDACTED, 'redact', [TARGET, TARGET], 's2/b1'),
  gone('5.8c-receipt', REDACTED, 'redact', [TARGET, TARGET], 'log/receipt'),
  gone('5.8d', EXPIRED, 'expire', [{ ...BELOW, below: 2 }, BELOW]),
  gone('5.8d-part', EXPIRED, 'expire', [{ ...BELOW, part: 'env' }, BELOW]),
  gone('5.8d-alert', EXPIRED, 'expire', [BELOW, BELOW], 'log/alert'),
  edited('5.8e', EXPIRED, [3, /^parts .*argv/], FORGED, (b) => {
    b.chains[0]!.parts = {};
  }),
  asked('5.8f', WITHOUT, [3, /^parts /], golden('session-no-parts'), { requireParts: true }),
];
