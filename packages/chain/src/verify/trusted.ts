/** Steps 2 to 4 of LOG.md §5: whose word the checkpoint is, the pin, and the seal. */
import { CLOCK_SKEW_MS_MAX } from '@vitrine/schema/record';
import { decodeBase64, utf8 } from './bytes.ts';
import { type Case, NS_PER_MS, NS_PER_S, timeText, WRONG } from './case.ts';
import { C2SP_COSIGNATURE_ED25519, isWeakKey, numberOf } from './note.ts';
import { placeFault, sealFault } from './record.ts';
import { consistencyHolds } from './tree.ts';
import { holdsSize, isQuorum } from './trust.ts';
import type * as T from './types.ts';

/** C2SP tlog-cosignature: 8 bytes of time before the 64 of Ed25519. */
const TIME_BYTES = 8;
const SIGNATURE_BYTES = 64;
/** C2SP tlog-cosignature: seconds that a signed number of 64 bits holds. */
const TIME_NS_MAX = (2n ** 63n - 1n) * NS_PER_S;
const SKEW_NS = BigInt(CLOCK_SKEW_MS_MAX) * NS_PER_MS;

/** The lines of a note whose name and key id are known. Under a weak key nothing verifies. */
export function signaturesOf({ logs, witnesses }: T.Trust, note: T.SignedText): T.Signature[] {
  return note.signatures.flatMap(({ name, keyId, signature: bytes }, line) => {
    const keys = [...logs, ...witnesses].filter((key) => key.name === name && key.keyId === keyId);
    return keys.map((key) => {
      const isWitness = key.type === C2SP_COSIGNATURE_ED25519;
      const seconds = numberOf(bytes.subarray(0, TIME_BYTES));
      const message = utf8((isWitness ? `cosignature/v1\ntime ${seconds}\n` : '') + note.text);
      const signature = isWitness ? bytes.slice(TIME_BYTES) : bytes;
      // R, the first half, is a point as well: implementations differ on one of small order.
      const weak = isWeakKey(key.publicKey) || isWeakKey(signature.subarray(0, 32));
      const isAskable = signature.length === SIGNATURE_BYTES && !weak;
      const timeNs = isWitness ? seconds * NS_PER_S : null;
      return { note, line, key, message, signature, timeNs, isAskable, good: false };
    });
  });
}

/** Step 2. */
export function checkTrust(c: Case): void {
  const { trust } = c.in;
  const { checkpoint } = c.bundle;
  const at = 'checkpoint';
  const known = trust.logs.some((key) => key.name === checkpoint.origin);
  c.check(known, 4, at, 'a log of the trust file', checkpoint.origin);
  for (const signature of checkSigned(c, checkpoint, at)) countCosignature(c, signature);
  const found = [...c.cosigned.keys()].join(', ') || 'no cosignature that counts';
  c.check(isQuorum(trust.quorum, c.cosigned), 4, at, 'the quorum of the trust file', found);
}

/** Known lines verify, and one is of a key of the origin that holds; returns those that verify. */
function checkSigned(c: Case, note: T.CheckpointNote, at: string): T.Signature[] {
  const { origin, size } = note;
  const good = c.in.signatures.filter((one) => {
    const expected = `a signature by ${one.key.name}+${one.key.keyId}`;
    const where = `${at}/signatures/${one.line}`;
    return one.note === note && c.check(one.good, 1, where, expected, 'one that does not verify');
  });
  const signed = good.some((one) => isOfLog(one, origin) && holdsSize(one.key, size));
  c.check(signed, 4, at, `a signature of ${origin} by a key that holds for size ${size}`, 'none');
  return good;
}

/** The seal has not been judged yet: if it cannot be read, step 4 fails whatever counts here. */
function countCosignature(c: Case, { key: { name, label }, timeNs }: T.Signature): void {
  if (timeNs === null) return;
  const { now = TIME_NS_MAX } = c.options;
  const { timeNs: before = TIME_NS_MAX } = c.cosigned.get(label) ?? {};
  if (c.seal && timeNs < BigInt(c.seal.t) - SKEW_NS) {
    c.warnings.push(`A cosignature of ${timeText(timeNs)} is older than the seal: not counted.`);
  } else if (timeNs <= now + SKEW_NS && timeNs <= before) c.cosigned.set(label, { name, timeNs });
}

/** Step 3; nothing to do without a pin. */
export function checkPin(c: Case): void {
  const { pin, signatures } = c.in;
  if (pin === null) return;
  const { note, origin, size, root } = pin;
  const same = origin === note.origin && size === note.size && root === note.root;
  if (!c.check(same, 2, 'pin', 'origin, size and root of its note', 'others')) return;
  const trusted = isSignedBy(signatures, note);
  c.check(trusted, 4, 'pin', 'a signature by a key of the trust file', 'none that verifies');
  const { checkpoint: now, consistency } = c.bundle;
  const at = 'checkpoint';
  if (!c.check(now.origin === origin, 4, at, `origin ${origin}`, now.origin)) return;
  if (!c.check(now.size >= size, 4, at, `at least ${size} leaves`, `${now.size}`)) return;
  const found = consistency ? 'one from another checkpoint' : 'none';
  const given = now.size === size || consistency?.from.text === note.text;
  c.check(given, 3, 'consistency', 'a consistency proof from the pin', found);
  // Only two signed statements can contradict each other.
  const agree = now.size > size || now.root === root || c.failures.length > 0;
  c.check(agree, 5, at, 'the root of the pin', 'another root');
}

/** Step 3 as well, with a pin or without. */
export function checkConsistency(c: Case): void {
  const { checkpoint, consistency } = c.bundle;
  if (!consistency) return;
  const { from, proof } = consistency;
  const at = 'consistency/from';
  const { origin, size } = checkpoint;
  c.check(from.origin === origin, 1, at, `origin ${origin}`, from.origin);
  c.check(from.size <= size, 1, at, `at most ${size} leaves`, `${from.size}`);
  checkSigned(c, from, at);
  const tree = ({ size, root }: T.CheckpointNote) => ({ size, root: decodeBase64(root)! });
  const path = proof.map((hash) => decodeBase64(hash)!);
  const grew = consistencyHolds(c.sha256, tree(from), tree(checkpoint), path);
  c.check(grew, 1, 'consistency', 'a proof that the log only grew', WRONG);
}

/** At least one key of the note's origin has signed it; other lines of a pin are not looked at. */
export function isSignedBy(signatures: T.Signature[], note: T.SignedText): boolean {
  return signatures.some((one) => one.note === note && one.good && isOfLog(one, note.origin));
}

function isOfLog({ timeNs, key }: T.Signature, origin: string): boolean {
  return timeNs === null && key.name === origin;
}

/** Step 4: what the checkpoint is a checkpoint of. */
export function checkSeal(c: Case): void {
  const { now, maxAgeNs } = c.options;
  const index = c.bundle.checkpoint.size - 1;
  const { hash, fault, value } = c.sealLeaf;
  const at = 'seal';
  const wrong = fault?.found ?? sealFault(value);
  c.check(!wrong, fault?.code ?? 1, at, 'a seal', wrong!);
  const included = c.includes(hash, { index, proof: c.bundle.seal.proof });
  c.check(included, 1, at, `a proof that it is leaf ${index} of ${index + 1}`, WRONG);
  if (!c.seal) return;
  const misplaced = placeFault(c.seal, index);
  c.check(!misplaced, 1, at, `the seal of leaf ${index}`, misplaced!);
  if (now === undefined) return;
  const t = BigInt(c.seal.t);
  c.check(t <= now + SKEW_NS, 4, at, 'a seal of the past', timeText(t));
  const young = maxAgeNs === undefined || t >= now - maxAgeNs;
  c.check(young, 4, at, `a seal not older than ${maxAgeNs} ns`, timeText(t));
}
