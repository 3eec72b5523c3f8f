/** Steps 2 to 4 of LOG.md §5: whose word the checkpoint is, the pin, and the seal. */
import { CLOCK_SKEW_MS_MAX } from '@vitrine/schema/record';
import { decodeBase64, hexOf, utf8 } from './bytes.ts';
import { type Case, NS_PER_MS, timeText } from './case.ts';
import { isWeakKey } from './note.ts';
import { sealFault } from './record.ts';
import { consistencyHolds } from './tree.ts';
import { holdsSize, isQuorum } from './trust.ts';
import type {
  CheckpointNote,
  FailureCode,
  Pin,
  Signature,
  SignedText,
  Trust,
  TrustedKey,
} from './types.ts';

/** C2SP tlog-cosignature: 8 bytes of time before the 64 of Ed25519. */
const TIME_BYTES = 8;
const NS_PER_S = 1_000_000_000n;
const SKEW_NS = BigInt(CLOCK_SKEW_MS_MAX) * NS_PER_MS;

/** The lines of a note whose name and key id are known; whether they are good is asked elsewhere. */
export function signaturesOf(trust: Trust, note: SignedText): Signature[] {
  return note.signatures.flatMap(({ name, keyId, signature }, line) => {
    const isIt = (key: TrustedKey): boolean => key.name === name && key.keyId === keyId;
    const asked: Signature[] = [];
    const rest = { note, line, good: false };
    const key = trust.logs.find(isIt);
    const message = utf8(note.text);
    if (key !== undefined) asked.push({ ...rest, key, message, signature, timeNs: null });
    const witness = trust.witnesses.find(isIt);
    if (witness === undefined) return asked;
    const seconds = BigInt(`0x${hexOf(signature.subarray(0, TIME_BYTES))}`);
    asked.push({
      ...rest,
      key: witness,
      timeNs: seconds * NS_PER_S,
      message: utf8(`cosignature/v1\ntime ${seconds}\n${note.text}`),
      signature: signature.slice(TIME_BYTES),
    });
    return asked;
  });
}

/** Under a weak key nothing verifies (step 2): nobody is asked. */
export function isAskable({ key, signature }: Signature): boolean {
  return signature.length > 0 && !isWeakKey(key.publicKey);
}

/** Step 2. */
export function checkTrust(c: Case): void {
  const { bundle, trust, signatures, options } = c.in;
  const note = bundle.checkpoint;
  const known = trust.logs.some((key) => key.name === note.origin);
  if (!known) c.fail(4, 'checkpoint', 'a log of the trust file', note.origin);
  let signed = false;
  for (const { key, timeNs, good, line } of signatures.filter((s) => s.note === note)) {
    const { name, keyId, label } = key;
    const at = `checkpoint/signatures/${line}`;
    if (!good) c.fail(1, at, `a signature by ${name}+${keyId}`, 'one that does not verify');
    else if (timeNs === null) signed ||= name === note.origin && holdsSize(key, note.size);
    else if (isTimely(c, timeNs, options.now)) {
      const before = c.cosigned.get(label);
      if (before === undefined || timeNs < before.timeNs) c.cosigned.set(label, { name, timeNs });
    }
  }
  const expected = `a signature of ${note.origin} by a key that holds for size ${note.size}`;
  if (known && !signed) c.fail(4, 'checkpoint', expected, 'none');
  const labels = [...c.cosigned.keys()];
  if (isQuorum(trust.quorum, new Set(labels))) return;
  const found = labels.join(', ') || 'no cosignature that counts';
  c.fail(4, 'checkpoint', 'the quorum of the trust file', found);
}

/** The seal has not been judged yet: if it cannot be read, step 4 fails whatever counts here. */
function isTimely(c: Case, timeNs: bigint, now: bigint | undefined): boolean {
  const old = c.seal !== undefined && timeNs < BigInt(c.seal.t) - SKEW_NS;
  const warning = `A cosignature of ${timeText(timeNs)} is older than the seal: not counted.`;
  if (old) c.warnings.push(warning);
  return !old && (now === undefined || timeNs <= now + SKEW_NS);
}

/** Step 3; nothing to do without a pin. */
export function checkPin(c: Case): void {
  const { pin, bundle, signatures, sha256 } = c.in;
  if (pin === null) return;
  const { note } = pin;
  const same = pin.origin === note.origin && pin.size === note.size && pin.root === note.root;
  if (!same) {
    c.fail(2, 'pin', 'origin, size and root of its note', 'others');
    return;
  }
  const trusted = isSignedBy(signatures, note);
  if (!trusted) c.fail(4, 'pin', 'a signature by a key of the trust file', 'none that verifies');
  const { checkpoint, consistency } = bundle;
  const proof = consistency?.proof.map((hash) => decodeBase64(hash)!) ?? [];
  const treeOf = ({ size, root }: Pin | CheckpointNote) => ({ size, root: decodeBase64(root)! });
  if (checkpoint.origin !== pin.origin) {
    c.fail(4, 'checkpoint', `origin ${pin.origin}`, checkpoint.origin);
  } else if (checkpoint.size < pin.size) {
    c.fail(4, 'checkpoint', `at least ${pin.size} leaves`, `${checkpoint.size}`);
  } else if (checkpoint.size === pin.size) {
    // Only two signed statements can contradict each other.
    if (checkpoint.root === pin.root || c.failures.length > 0) return;
    c.fail(5, 'checkpoint', 'the root of the pin, which has this size', 'another root');
  } else if (consistency?.from.text !== note.text) {
    const found = consistency === undefined ? 'none' : 'one from another checkpoint';
    c.fail(3, 'consistency', 'a consistency proof from the pin', found);
  } else if (!consistencyHolds(sha256, treeOf(pin), treeOf(checkpoint), proof)) {
    c.fail(1, 'consistency', 'a proof that the log only grew', 'one that does not hold');
  }
}

/** At least one key of the note's origin has signed it, and no line of one is wrong. */
export function isSignedBy(signatures: Signature[], note: SignedText): boolean {
  const lines = signatures.filter(
    (s) => s.note === note && s.timeNs === null && s.key.name === note.origin,
  );
  return lines.length > 0 && lines.every(({ good }) => good);
}

/** Step 4: what the checkpoint is a checkpoint of. */
export function checkSeal(c: Case): void {
  const { size } = c.in.bundle.checkpoint;
  const { now, maxAgeNs } = c.in.options;
  const { hash, fault, value } = c.sealLeaf;
  const fail = (code: FailureCode, expected: string, found: string): void =>
    c.fail(code, 'seal', expected, found);
  if (fault !== undefined) fail(fault.code, 'a seal', fault.error.message);
  else if (c.seal === undefined) fail(1, 'a seal', sealFault(value!)!);
  const place = { index: size - 1, proof: c.in.bundle.seal.proof };
  const expected = `a proof that it is leaf ${size - 1} of ${size}`;
  if (!c.includes(hash, place)) fail(1, expected, 'one that does not hold');
  if (c.seal === undefined) return;
  const { first, count, n, prev } = c.seal;
  const sum = `${first} + ${count} + 1`;
  if (first + count + 1 !== size) fail(1, `first + count + 1 = ${size}`, sum);
  if ((prev === null) !== (n === 0)) fail(1, 'prev is null exactly in the first seal', `n ${n}`);
  else if (prev === null && first !== 0) fail(1, 'first 0 in the first seal', `first ${first}`);
  else if (prev !== null && prev.size !== first) {
    fail(1, `prev of size ${first}`, `prev of size ${prev.size}`);
  }
  const t = BigInt(c.seal.t);
  if (now === undefined) return;
  if (t > now + SKEW_NS) fail(4, 'a seal of the past', timeText(t));
  const old = maxAgeNs !== undefined && t < now - maxAgeNs;
  if (old) fail(4, `a seal not older than ${maxAgeNs} ns`, timeText(t));
}
