/** LOG.md §5, steps 2 to 4: trust, pin and seal. */
import { canonicalBytes, generateLogKey, sha256, signNote } from '@vitrine/chain';
import type { JsonObject } from '@vitrine/schema';
import { ForgedLog, KEY, ORIGIN, SEED } from '../forge.ts';
import type { BundleRow, VerifyArgs } from '../row.ts';
import { FORGERY, NEUTRAL, neutralSignature } from '../weak-signature.ts';
import { witness } from '../witness.ts';
import {
  type Answered,
  asked,
  edited,
  FORGED_TRUST,
  golden,
  goldenText,
  honest,
  lied,
} from './make.ts';
import { closed, closedSession, ended, opened, openSession } from './story.ts';

const CLOSED = golden('session-closed');
const PIN = goldenText('pin.json');
const PINNED = golden('pinned', { pin: PIN });
const FORGED = honest(closedSession);
const STRANGER = generateLogKey(ORIGIN, Buffer.alloc(32, 43));
const ELSEWHERE = generateLogKey('vitrine.test/0badcafe/other.0.1', Buffer.alloc(32, 44));
const ZEROS = Buffer.alloc(32).toString('base64');
const NS_PER_S = 1_000_000_000n;
const SKEW_S = 300;

const ORIGIN_KNOWN = "the checkpoint's origin has a `log` line (4)";
const LINE = 'a signature line with a known name and key id that does not verify (1)';
const KEYED = 'at least one signature by a key of that origin whose interval holds the size (4)';
const CONSISTENT = "`consistency.from` has the pin's text (3 if absent or other)";
const QUORUM = 'the quorum of witnesses on this very note (4)';
const TIMELY =
  "where a cosignature counts when its time is not before the seal's `t` − 5 min and not after " +
  '`now` + 5 min';
const WEAK =
  'Under a key of small order, or one that RFC 8032 §5.1.3 does not decode, no signature verifies';

const W = [witness('w0', 50), witness('w1', 51), witness('w2', 52)];
const LINES = W.map(({ line }) => line).join('');
const WITNESSED = `log ${KEY.vkey}\n${LINES}group g 2 w0 w1 w2\nquorum g\n`;

function sealedAt(log: ForgedLog): number {
  const { t } = JSON.parse(log.texts.at(-1)!) as { t: string };
  return Number(BigInt(t) / NS_PER_S);
}

/** Two of three witnesses are asked for; the first spoke when the log was sealed. */
function witnessed(
  id: string,
  text: string,
  second: (log: ForgedLog, lies: boolean) => string,
): BundleRow {
  return lied(id, text, [4, /^trust .*quorum/], (log, lies) => {
    const bundle = closedSession(log);
    const sealed = sealedAt(log);
    const checkpoint = log.note + W[0]!.cosign(log.note, sealed) + second(log, lies);
    const now = String(BigInt(sealed + 3_600) * NS_PER_S);
    return { bundle: { ...bundle, checkpoint }, args: { trust: WITNESSED, now } };
  });
}

function weak(id: string, publicKey: Buffer): BundleRow {
  return lied(id, WEAK, [1, /^trust .*signature/], (log, lies) => {
    const bundle = closedSession(log);
    if (!lies) return bundle;
    const typed = Buffer.concat([Buffer.from([1]), publicKey]);
    const keyId = sha256(Buffer.concat([Buffer.from(`${ORIGIN}\n`), typed])).subarray(0, 4);
    const vkey = `${ORIGIN}+${keyId.toString('hex')}+${typed.toString('base64')}`;
    const line = Buffer.concat([keyId, FORGERY]).toString('base64');
    const checkpoint = `${textOf(log.note)}\n— ${ORIGIN} ${line}\n`;
    return { bundle: { ...bundle, checkpoint }, args: { trust: `log ${vkey}\nquorum none\n` } };
  });
}

function textOf(note: string): string {
  return note.slice(0, note.indexOf('\n\n') + 1);
}

function within(from: number, to: number | '-'): Partial<VerifyArgs> {
  return { trust: `${FORGED_TRUST}#vitrine interval ${KEY.keyId} ${from} ${to}\n` };
}

export const NOTE_ROWS: BundleRow[] = [
  asked('5.2a', ORIGIN_KNOWN, [4, /^trust .*a log of/], FORGED, {
    trust: `log ${ELSEWHERE.vkey}\nquorum none\n`,
  }),
  lied('5.2b', LINE, [1, /^trust .*signature by/], (log, lies) => {
    const bundle = closedSession(log);
    const other = signNote(`${ORIGIN}\n1\n${ZEROS}\n`, KEY);
    const forged = other.slice(other.indexOf('— '));
    return lies ? { ...bundle, checkpoint: log.note + forged } : bundle;
  }),
  lied('5.2c', KEYED, [4, /^trust .*a key that holds/], (log, lies) => {
    const bundle = closedSession(log);
    return { ...bundle, checkpoint: signNote(textOf(log.note), lies ? STRANGER : KEY) };
  }),
  asked('5.2c-before', KEYED, [4, /^trust .*a key that holds/], FORGED, within(10, '-')),
  asked('5.2c-after', KEYED, [4, /^trust .*a key that holds/], FORGED, within(0, 9)),
  witnessed('5.2d', QUORUM, (log, lies) => (lies ? '' : W[1]!.cosign(log.note, sealedAt(log)))),
  witnessed('5.2d-twice', QUORUM, (log, lies) => W[lies ? 0 : 1]!.cosign(log.note, sealedAt(log))),
  witnessed('5.2e', TIMELY, (log, lies) => {
    return W[1]!.cosign(log.note, sealedAt(log) - SKEW_S - (lies ? 1 : 0));
  }),
  witnessed('5.2e-after', TIMELY, (log, lies) => {
    return W[1]!.cosign(log.note, sealedAt(log) + 3_600 + SKEW_S + (lies ? 1 : 0));
  }),
  weak('5.2f', NEUTRAL),
  weak('5.2f-undecodable', Buffer.alloc(32, 2)),
  lied('5.2f-neutral', WEAK, [1, /^trust .*signature/], (log, lies) => {
    const bundle = closedSession(log);
    const text = textOf(log.note);
    const signature = neutralSignature(SEED, KEY.vkey, text);
    const line = Buffer.concat([Buffer.from(KEY.keyId, 'hex'), signature]).toString('base64');
    return lies ? { ...bundle, checkpoint: `${text}\n— ${ORIGIN} ${line}\n` } : bundle;
  }),
  asked('5.3a', 'its fields must equal its note (2)', [2, /^pin /], PINNED, {
    pin: PIN.replace(/"root":\s*"./, '"root":"A'),
  }),
  lied(
    '5.3b',
    'its note must be signed by a key of the trust file (4)',
    [4, /^pin /],
    (log, lies) => {
      const bundle = closedSession(log);
      const note = signNote(textOf(log.note), lies ? STRANGER : KEY);
      return { bundle, args: { pin: JSON.stringify({ ...JSON.parse(log.pin()), note }) } };
    },
  ),
  lied('5.3c', 'Other origin (4)', [4, /^pin .*origin/], (log, lies) => {
    const bundle = closedSession(log);
    const other = new ForgedLog(ELSEWHERE);
    closedSession(other);
    const trust = `log ${ELSEWHERE.vkey}\n${FORGED_TRUST}`;
    return { bundle, args: { trust, pin: (lies ? other : log).pin() } };
  }),
  lied('5.3d', "bundle's size smaller (4)", [4, /^pin .*at least/], (log, lies) => {
    const before = closedSession(log);
    log.seal();
    return { bundle: lies ? before : log.session('s1'), args: { pin: log.pin() } };
  }),
  lied('5.3e', 'same size, other root (5)', [5, /^pin .*another root/], (log, lies) => {
    const bundle = closedSession(log);
    const other = new ForgedLog();
    opened(other);
    ended(other, 's1/b1', 'lost');
    closed(other);
    other.seal();
    return { bundle, args: { pin: (lies ? other : log).pin() } };
  }),
  edited('5.3f', CONSISTENT, [3, /^pin .*none/], PINNED, (b) => {
    delete b.consistency;
  }),
  lied('5.3f-other', CONSISTENT, [3, /^pin .*another checkpoint/], (log, lies) => {
    openSession(log);
    const [pin, from, size] = [log.pin(), log.note, log.leaves.length];
    log.seal();
    const other = { from: log.note, size: log.leaves.length };
    log.seal();
    const used = lies ? other : { from, size };
    const consistency = { from: used.from, proof: log.consistency(used.size) };
    return { bundle: log.session('s1', { consistency }), args: { pin } };
  }),
  edited('5.3g', 'the proof holds (1)', [1, /^pin .*only grew/], PINNED, (b) => {
    b.consistency!.proof.push(ZEROS);
  }),
];

const SEALED =
  'record canonical, `kind` `seal`, index = size − 1, inclusion, `first + count + 1` = size, ' +
  '`prev` null exactly when `n` = 0 and then `first` = 0, otherwise `prev.size` = `first` (1 each)';
const TIME = 'Its time after `now` + 5 min, or older than the maximum age (4).';

/** The second seal of a log says something else of itself. */
function sealed(id: string, change: JsonObject, says = /^seal /, seals = 2): BundleRow {
  return lied(id, SEALED, [1, says], (log, lies) => {
    opened(log);
    ended(log, 's1/b1');
    closed(log);
    for (let n = 1; n < seals; n++) log.seal();
    log.seal({ change: lies ? change : {} });
    return log.session('s1');
  });
}

function at(seconds: number): Answered {
  return [4, seconds > 0 ? /^seal .*past/ : /^seal .*not older/];
}

export const SEAL_ROWS: BundleRow[] = [
  lied('5.4a', SEALED, [1, /^seal /], (log, lies) => {
    openSession(log);
    const seal = JSON.parse(log.texts.at(-1)!) as JsonObject;
    const text = canonicalBytes({ ...seal, ...sealPlace(log) }).toString();
    log.seal({ heads: log.openHeads(), ...(lies ? { text: text.replace(':', ': ') } : {}) });
    return log.session('s1');
  }),
  sealed('5.4b', { kind: 'sealed' }),
  sealed('5.4b-member', { more: 1 }),
  lied('5.4c', SEALED, [1, /^seal .*is leaf/], (log, lies) => {
    closedSession(log);
    const older = log.leaf(log.leaves.length - 1);
    log.seal();
    const { record } = older;
    const { proof } = log.proof(older.index);
    return log.session('s1', lies ? { seal: { record, proof } } : {});
  }),
  edited('5.4d', SEALED, [1, /^seal .*leaf 31/], CLOSED, (b) => {
    b.seal.proof[0] = ZEROS;
  }),
  sealed('5.4e', { count: 1 }, /^seal .*first \+ count/),
  sealed('5.4f', { prev: null }, /^seal .*prev is null/),
  sealed('5.4f-n', { n: 0 }, /^seal .*prev is null/),
  sealed('5.4f-first', { n: 1 }, /^seal .*prev is null/, 1),
  sealed('5.4g', { first: 1, count: 7 }, /^seal .*first 0/, 1),
  sealed('5.4h', { prev: { root: ZEROS, size: 6 } }, /^seal .*prev of size/),
  lied('5.4i', TIME, at(1), (log, lies) => {
    const bundle = closedSession(log);
    const early = BigInt(sealedAt(log) - SKEW_S) * NS_PER_S - (lies ? 1n : 0n);
    return { bundle, args: { now: String(early) } };
  }),
  lied('5.4j', TIME, at(-1), (log, lies) => {
    const bundle = closedSession(log);
    const late = BigInt(sealedAt(log) + 60) * NS_PER_S + (lies ? 1n : 0n);
    return { bundle, args: { now: String(late), maxAge: 60 } };
  }),
];

/** Where the next seal of the log stands, when nothing came in between. */
function sealPlace(log: ForgedLog): JsonObject {
  const size = log.leaves.length;
  const root = log.note.split('\n')[2]!;
  return { count: 0, first: size, n: 1, prev: { root, size } };
}
