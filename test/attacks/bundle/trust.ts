/** Attacks 19 to 21, 28 to 37, 52 and 53: on the note, its signatures, the pin and the clock. */
import { generateLogKey, signNote } from '@vitrine/chain';
import { ForgedLog, KEY, ORIGIN } from '../forge.ts';
import type { BundleRow, VerifyArgs } from '../row.ts';
import { witness } from '../witness.ts';
import { asked, edited, FORGED_TRUST, golden, goldenText, honest, lied, replaced } from './make.ts';
import { closedSession, opened, openSession } from './story.ts';

const CLOSED = golden('session-closed');
const PINNED = golden('pinned', { pin: goldenText('pin.json') });
const FORGED = honest(closedSession);
const STRANGER = generateLogKey(ORIGIN, Buffer.alloc(32, 43));
const ELSEWHERE = generateLogKey('vitrine.test/0badcafe/other.0.1', Buffer.alloc(32, 42));
const W = [witness('w0', 50), witness('w1', 51)];
const LINES = W.map(({ line }) => line).join('');
const WITNESSED = `log ${KEY.vkey}\n${LINES}group both all w0 w1\nquorum both\n`;
const INSIDER = 'insider rewrites everything and re-signs';
const NOTE =
  'malicious note text: newline in origin, CR, two blank lines, 10 k signature lines, ' +
  'zero-width name';
const EDITED = 'edited root / edited size in the note';
const ROTATED = 'old key used after rotation; new key before its interval';
const ZEROS = Buffer.alloc(32).toString('base64');

/** The time of the last seal, in whole seconds. */
function sealedAt(log: ForgedLog): number {
  const { t } = JSON.parse(log.texts.at(-1)!) as { t: string };
  return Number(BigInt(t) / 1_000_000_000n);
}

function cosigned(log: ForgedLog, note: string): string {
  return W.map(({ cosign }) => cosign(note, sealedAt(log))).join('');
}

/** The text of the note, its last signature line as often as asked. */
function lines(note: string, count: number): string {
  const split = note.indexOf('\n\n') + 2;
  return note.slice(0, split) + note.slice(split).repeat(count);
}

/** The same session in a log where its second record never was. */
function rewriteOf(): ForgedLog {
  const log = new ForgedLog();
  opened(log, 's1', 3);
  log.seal();
  return log;
}

export const TRUST_ROWS: BundleRow[] = [
  lied('19', 'replay of an old valid checkpoint', [4, /^pin .*at least/], (log, lies) => {
    const old = openSession(log);
    log.add('s1/b1', 'x');
    log.seal();
    const args = { pin: log.pin() };
    return { bundle: lies ? old : log.session('s1'), args };
  }),
  asked('20', 'stale checkpoint', [4, /^seal .*not older/], FORGED, { maxAge: 60 }),
  asked(
    '21',
    'seal from the future / clock rollback of the collector',
    [4, /^seal .*past/],
    FORGED,
    {
      now: '1763999000000000000',
    },
  ),
  edited('28-root', EDITED, [1, /^trust .*signature/], CLOSED, (b) => {
    const [origin, size, , ...rest] = b.checkpoint.split('\n');
    b.checkpoint = [origin, size, ZEROS, ...rest].join('\n');
  }),
  replaced('28-size', EDITED, [1, /^trust .*signature/], CLOSED, '\\n32\\n', '\\n31\\n'),
  lied('29', 'key swap, same name', [4, /^trust .*a signature of/], (log, lies) => {
    const bundle = closedSession(log);
    if (lies) bundle.checkpoint = signNote(textOf(bundle.checkpoint), STRANGER);
    return bundle;
  }),
  edited('30', 'witness lines removed', [4, /^trust .*quorum/], CLOSED, (b) => {
    b.checkpoint = b.checkpoint.replace(/— witness.*\n/, '');
  }),
  lied('31', 'cosignature copied from another checkpoint', [1, /^trust .*w0/], (log, lies) => {
    openSession(log);
    const copied = cosigned(log, log.note);
    log.add('s1/b1', 'x');
    log.seal();
    const own = cosigned(log, log.note);
    const bundle = { ...log.session('s1'), checkpoint: log.note + (lies ? copied : own) };
    return { bundle, args: { trust: WITNESSED } };
  }),
  lied('32', 'another origin', [4, /^trust .*a log of the trust file/], (log, lies) => {
    const told = lies ? new ForgedLog(ELSEWHERE) : log;
    return closedSession(told);
  }),
  lied('33-quorum', INSIDER, [4, /^trust .*quorum/], (log, lies) => {
    const args = { trust: WITNESSED };
    openSession(log);
    const forged = rewriteOf();
    if (lies) return { bundle: forged.session('s1'), args };
    return {
      bundle: { ...log.session('s1'), checkpoint: log.note + cosigned(log, log.note) },
      args,
    };
  }),
  lied('33-pin', INSIDER, [1, /^pin .*only grew/], (log, lies) => {
    openSession(log);
    const args = { pin: log.pin() };
    const consistency = { from: log.note, proof: [] as string[] };
    const size = log.leaves.length;
    const told = lies ? rewriteOf() : log;
    told.add('s1/b1', 'x');
    told.add('s1/b1', 'y');
    told.seal();
    consistency.proof = told.consistency(size);
    return { bundle: told.session('s1', { consistency }), args };
  }),
  lied(
    '34',
    'truncate and re-sign by insider with the key',
    [4, /^pin .*at least/],
    (log, lies) => {
      openSession(log);
      const args = { pin: log.pin() };
      return { bundle: (lies ? rewriteOf() : log).session('s1'), args };
    },
  ),
  lied('35', 'split view: same size, two roots', [5, /^pin .*another root/], (log, lies) => {
    openSession(log);
    const args = { pin: log.pin() };
    const forged = new ForgedLog();
    opened(forged, 's1', 3);
    forged.add('s1/b1', 'another');
    forged.seal();
    return { bundle: (lies ? forged : log).session('s1'), args };
  }),
  lied(
    '36',
    'insider seals a head lower than a logged record',
    [5, /^contradictions /],
    (log, lies) => {
      opened(log);
      const heads = log.openHeads();
      const { seq, index } = log.last('s1/b1');
      const before = log.records.get('s1/b1')![seq - 1]!;
      if (lies) heads[0] = { chain: 's1/b1', head: before.leaf, seq: before.seq };
      log.seal({ heads });
      const shown = lies ? before.seq : seq;
      return log.range('s1/b1', 0, shown, { attached: [log.leaf(index)] });
    },
  ),
  edited('37-removed', 'consistency proof removed / corrupted', [3, /^pin .*none/], PINNED, (b) => {
    delete b.consistency;
  }),
  edited('37', 'consistency proof removed / corrupted', [1, /^pin .*only grew/], PINNED, (b) => {
    b.consistency!.proof[0] = ZEROS;
  }),
  asked('52-old', ROTATED, [4, /^trust .*holds/], FORGED, interval('0', '5')),
  asked('52-new', ROTATED, [4, /^trust .*holds/], FORGED, interval('100', '-')),
  replaced(
    '53-newline',
    NOTE,
    [2, /^form /],
    CLOSED,
    '"checkpoint":"vitrine',
    '"checkpoint":"evil\\nvitrine',
  ),
  replaced('53-cr', NOTE, [2, /^form /], CLOSED, '\\n32\\n', '\\r\\n32\\n'),
  replaced('53-blank', NOTE, [2, /^form /], CLOSED, '\\n\\n— ', '\\n\\n\\n— '),
  edited('53-lines', NOTE, [2, /^form /], CLOSED, (b) => {
    b.checkpoint = lines(b.checkpoint, 10_000);
  }),
  replaced('53-invisible', NOTE, [4, /^trust /], CLOSED, '— vitrine', '— \u200bvitrine'),
  replaced(
    '53-origin',
    NOTE,
    [4, /^trust /],
    CLOSED,
    '"checkpoint":"vitrine',
    '"checkpoint":"\u200bvitrine',
  ),
];

function interval(from: string, to: string): Partial<VerifyArgs> {
  return { trust: `${FORGED_TRUST}#vitrine interval ${KEY.keyId} ${from} ${to}\n` };
}

function textOf(note: string): string {
  return note.slice(0, note.indexOf('\n\n') + 1);
}
