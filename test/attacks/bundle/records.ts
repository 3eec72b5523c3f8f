/** Attacks 1 to 18, 22, 38 and 39: on records, their content, their order and their end. */
import { canonicalBytes, leafHash } from '@vitrine/chain';
import { type BundleJson, withMembers } from '../file.ts';
import type { BundleRow } from '../row.ts';
import { edited, golden, honest, lied } from './make.ts';
import { closed, closedSession, ended, opened, openSession } from './story.ts';

/** Of the golden session: two boots of the relay and `sup`; part `body` of record 3 is redacted. */
const CLOSED = golden('session-closed');
const OPEN = golden('session-open');
const FORGED = honest(closedSession);
const BOOT = 0;
const TRUNCATED = 'truncate tail with a valid tip proof of the shorter chain';
const SALT = 'AAAAAAAAAAAAAAAAAAAAAA==';

function part(bundle: BundleJson, seq: number, name: string): { salt: string; data: string } {
  return bundle.chains[BOOT]!.parts![seq]![name]!;
}

/** Each record links the one before it again, as whoever has no key of the log can do. */
function relink(bundle: BundleJson, at: number): void {
  const { records } = bundle.chains[at]!;
  for (let i = 1; i < records.length; i++) {
    const prev = leafHash(Buffer.from(records[i - 1]!)).toString('base64');
    records[i] = withMembers(records[i]!, { prev, seq: i });
  }
}

/** Another text for record 1, which an insider has put into a chain and signed. */
function recordOf(id: string, says: RegExp, code: 1 | 2, change: (text: string) => string) {
  const text = 'non-canonical JSON, duplicate keys, `1e0`, `-0`, `\\u0061`, lone surrogate';
  return lied(id, text, [code, says], (log, lies) => {
    log.add('s1/sup', 'open');
    const first = log.add('s1/b1', 'x');
    const members = {
      kind: 'x',
      parts: {},
      prev: first.leaf.toString('base64'),
      seq: 1,
      text: 'a',
    };
    const sound = canonicalBytes({ ...members, session: 's1', shim: 'b1', t: '1', v: 1 });
    log.put('s1/b1', 1, lies ? change(sound.toString()) : sound.toString());
    log.seal();
    return log.range('s1/b1', 0, 1);
  });
}

export const RECORD_ROWS: BundleRow[] = [
  edited('1', 'modify one byte of a record', [1, /^chains .*prev/], CLOSED, (b) => {
    b.chains[BOOT]!.records[1] = b.chains[BOOT]!.records[1]!.replace('"t":"1', '"t":"2');
  }),
  edited('1-last', 'modify one byte of a record', [1, /^chains .*tip/], CLOSED, (b) => {
    b.chains[BOOT]!.records[3] = b.chains[BOOT]!.records[3]!.replace('"t":"1', '"t":"2');
  }),
  edited('2', 'modify a payload, keep record', [1, /^parts .*argv/], CLOSED, (b) => {
    part(b, 1, 'argv').data = Buffer.from('["true"]').toString('base64');
  }),
  edited('3', 'change the salt', [1, /^parts .*argv/], CLOSED, (b) => {
    part(b, 1, 'argv').salt = SALT;
  }),
  edited('4', 'delete payload silently', [3, /^parts .*argv/], CLOSED, (b) => {
    delete b.chains[BOOT]!.parts![1]!.argv;
  }),
  edited('5', 'put another payload after redaction', [1, /^parts .*body/], CLOSED, (b) => {
    b.chains[BOOT]!.parts![3]!.body = { salt: SALT, data: '' };
  }),
  edited('6', 'forged redaction record', [1, /^attached /], FORGED, (b) => {
    delete b.chains[BOOT]!.parts![1]!.argv;
    const target = { chain: 's1/b1', seq: 1, part: 'argv' };
    const log = {
      session: 'log',
      shim: 'audit',
      seq: 0,
      prev: Buffer.alloc(32).toString('base64'),
    };
    const members = { ...log, v: 1, kind: 'redact', parts: {}, t: '1', target };
    b.attached = [{ ...b.chains[BOOT]!.tip, record: canonicalBytes(members).toString() }];
  }),
  lied('7', 'reuse a redaction of another record', [3, /^parts .*argv/], (log, lies) => {
    opened(log);
    const redacted = lies ? 2 : 1;
    log.add('log/audit', 'redact', { target: { chain: 's1/b1', seq: redacted, part: 'argv' } });
    log.seal();
    const bundle = log.session('s1', { attached: [log.leaf(log.last('log/audit').index)] });
    delete bundle.chains[BOOT]!.parts![1]!.argv;
    return bundle;
  }),
  edited('8', 'add an uncommitted payload', [1, /^parts .*more/], CLOSED, (b) => {
    b.chains[BOOT]!.parts![1]!.more = { salt: SALT, data: '' };
  }),
  edited('9', 'delete a middle record', [3, /^chains .*seq 1/], CLOSED, (b) => {
    b.chains[BOOT]!.records.splice(1, 1);
  }),
  edited('10', 'delete and renumber', [1, /^chains .*prev/], CLOSED, (b) => {
    const { records } = b.chains[BOOT]!;
    records.splice(1, 1);
    records.forEach((record, seq) => {
      records[seq] = withMembers(record, { seq });
    });
  }),
  edited('11', 'insert forged record, chain re-linked', [1, /^chains .*tip/], CLOSED, (b) => {
    const { records } = b.chains[BOOT]!;
    records.splice(1, 0, withMembers(records[0]!, { kind: 'file.read' }));
    relink(b, BOOT);
  }),
  edited('12', 'duplicate a record / duplicate seq', [3, /^chains .*seq 2/], CLOSED, (b) => {
    b.chains[BOOT]!.records.splice(1, 0, b.chains[BOOT]!.records[1]!);
  }),
  edited('13', 'reorder two records', [3, /^chains .*seq 1/], CLOSED, (b) => {
    const { records } = b.chains[BOOT]!;
    [records[1], records[2]] = [records[2]!, records[1]!];
  }),
  edited('14', 'truncate tail, old tip proof', [1, /^chains .*tip/], CLOSED, (b) => {
    b.chains[BOOT]!.records.pop();
  }),
  // LOG.md rebuilds the head from the last record that is given: 1, where the list says 3.
  lied('15', TRUNCATED, [1, /^chains .*head/], (log, lies) => {
    const bundle = openSession(log);
    if (lies) bundle.chains[BOOT] = { ...log.chain('s1/b1', 0, 2), head: log.head('s1/b1')! };
    return bundle;
  }),
  lied('15-no-head', TRUNCATED, [3, /^claim .*head of s1\/b1/], (log, lies) => {
    const bundle = openSession(log);
    if (lies) bundle.chains[BOOT] = log.chain('s1/b1', 0, 2);
    if (lies) delete bundle.chains[BOOT]!.head;
    return bundle;
  }),
  lied('15-ended', TRUNCATED, [3, /^claim .*up to seq 3/], (log, lies) => {
    const bundle = closedSession(log);
    if (lies) bundle.chains[BOOT] = log.chain('s1/b1', 0, 2);
    return bundle;
  }),
  edited('16', 'truncate head (no genesis)', [3, /^claim .*all records/], CLOSED, (b) => {
    b.chains[BOOT]!.records.shift();
    b.chains[BOOT]!.first = 1;
  }),
  edited('16-from-0', 'truncate head (no genesis)', [3, /^chains .*seq 0/], CLOSED, (b) => {
    b.chains[BOOT]!.records.shift();
  }),
  lied('17', 'swap sessions', [1, /^chains .*s1\/b1/], (log, lies) => {
    opened(log, 's1');
    opened(log, 's2');
    log.seal();
    const bundle = log.session('s1');
    if (lies) bundle.chains[BOOT] = { ...log.chain('s2/b1'), chain: 's1/b1' };
    return bundle;
  }),
  edited('18', 'head leaf of another chain', [1, /^chains .*head/], OPEN, (b) => {
    b.chains[BOOT]!.head = b.chains[1]!.head!;
  }),
  lied('22', 'clock rollback in the shim', [0, /the times of records/], (log, lies) => {
    log.add('s1/sup', 'open');
    const { leaf } = log.add('s1/b1', 'x');
    const t = lies ? '1000000000' : '1764000002000000000';
    const members = { kind: 'x', parts: {}, prev: leaf.toString('base64'), seq: 1, t, v: 1 };
    log.put('s1/b1', 1, canonicalBytes({ ...members, session: 's1', shim: 'b1' }).toString());
    log.seal();
    return log.range('s1/b1', 0, 1);
  }),
  recordOf('38', /^chains .*records\/1/, 1, (text) => text.replace(':', ': ')),
  recordOf('38-order', /^chains .*records\/1/, 1, (text) => {
    return `{"v":1,${text.slice(1).replace(',"v":1', '')}`;
  }),
  recordOf('38-duplicate', /^chains .*records\/1/, 2, (text) => `{"kind":"y",${text.slice(1)}`),
  recordOf('38-exponent', /^chains .*records\/1/, 2, (text) => text.replace(':1,', ':1e0,')),
  recordOf('38-zero', /^chains .*records\/1/, 2, (text) => text.replace('"a"', '-0')),
  recordOf('38-escape', /^chains .*records\/1/, 1, (text) => text.replace('"a"', '"\\u0061"')),
  recordOf('38-surrogate', /^chains .*records\/1/, 1, (text) => {
    return text.replace('"a"', '"\\ud800"');
  }),
  lied('39', 'record after `close`', [1, /^claim .*nothing after close/], (log, lies) => {
    opened(log);
    ended(log, 's1/b1');
    closed(log);
    if (lies) log.add('s1/sup', 'gap', { target: { chain: 's1/b1' } });
    log.seal();
    return log.session('s1');
  }),
];
