/** Whose word the checkpoint is (LOG.md §5, step 2): the log's key, and the quorum of witnesses. */
import { CLOCK_SKEW_MS_MAX } from '@vitrine/schema/record';
import type { CheckpointNote, NoteSignature } from '../note/checkpoint.ts';
import { holdsSize, isQuorum, type TrustedWitness } from '../note/trust.ts';
import type { VerifierKey } from '../note/vkey.ts';
import { isWeakKey } from '../note/weak-key.ts';
import { type Case, type Findings, sealOf } from './case.ts';
import { NS_PER_MS, NS_PER_S, timeText } from './time.ts';
import type { Failure } from './verdict.ts';

/** C2SP tlog-cosignature: 8 bytes of time before the 64 of Ed25519. */
const TIME_BYTES = 8;
/** RFC 8032 §5.1.6: a signature is the point R and the number S. */
const R_BYTES = 32;
const SKEW_NS = BigInt(CLOCK_SKEW_MS_MAX) * NS_PER_MS;
const encoder = new TextEncoder();

export function* checkTrust(c: Case): Findings {
  const note = c.bundle.checkpoint;
  const known = c.trust.logs.some((key) => key.name === note.origin);
  if (!known) {
    const expected = 'a log of the trust file';
    yield { code: 4, step: 'trust', at: 'checkpoint', expected, found: note.origin };
  }
  let signed = false;
  const cosigned = new Map<string, { witness: TrustedWitness; timeNs: bigint }>();
  for (const [i, line] of note.signatures.entries()) {
    const key = c.trust.logs.find((log) => isKeyOf(log, line));
    if (key !== undefined) {
      if (!verifies(c, key, note.text, line.signature)) yield badSignature(i, line);
      else if (key.name === note.origin && holdsSize(key, note.size)) signed = true;
    }
    const witness = c.trust.witnesses.find((candidate) => isKeyOf(candidate, line));
    if (witness !== undefined) {
      const timeNs = cosignatureTime(c, witness, note, line);
      if (timeNs === undefined) yield badSignature(i, line);
      else if (isTimely(c, timeNs)) keepEarliest(cosigned, witness, timeNs);
    }
  }
  if (known && !signed) {
    const expected = `a signature of ${note.origin} by a key that holds for size ${note.size}`;
    yield { code: 4, step: 'trust', at: 'checkpoint', expected, found: 'none' };
  }
  c.cosigned = [...cosigned.values()].map(({ witness, timeNs }) => {
    return { label: witness.label, name: witness.name, timeNs };
  });
  if (!isQuorum(c.trust.quorum, new Set(cosigned.keys()))) {
    const found = c.cosigned.map(({ label }) => label).join(', ') || 'no cosignature that counts';
    const expected = 'the quorum of the trust file';
    yield { code: 4, step: 'trust', at: 'checkpoint', expected, found };
  }
}

/** At least one key of the note's origin has signed it, and no line of one is wrong. */
export function isSignedBy(c: Pick<Case, 'trust' | 'primitives'>, note: CheckpointNote): boolean {
  const keys = c.trust.logs.filter((key) => key.name === note.origin);
  const lines = note.signatures.flatMap((line) => {
    const key = keys.find((candidate) => isKeyOf(candidate, line));
    return key === undefined ? [] : [{ key, line }];
  });
  const good = lines.every(({ key, line }) => verifies(c, key, note.text, line.signature));
  return lines.length > 0 && good;
}

function isKeyOf(key: VerifierKey, line: NoteSignature): boolean {
  return key.name === line.name && key.keyId === line.keyId;
}

function verifies(
  c: Pick<Case, 'primitives'>,
  key: VerifierKey,
  text: string,
  signature: Uint8Array,
): boolean {
  // Some implementations refuse an R of small order (W3C WebCrypto), others do not look at it.
  if (isWeakKey(key.publicKey) || isWeakKey(signature.subarray(0, R_BYTES))) return false;
  return c.primitives.verifyEd25519(key.publicKey, encoder.encode(text), signature);
}

/** Unix nanoseconds; `undefined` if the cosignature does not verify (C2SP tlog-cosignature). */
function cosignatureTime(
  c: Case,
  witness: VerifierKey,
  note: CheckpointNote,
  { signature }: NoteSignature,
): bigint | undefined {
  if (signature.length <= TIME_BYTES) return undefined;
  let seconds = 0n;
  for (const byte of signature.subarray(0, TIME_BYTES)) seconds = (seconds << 8n) | BigInt(byte);
  const message = `cosignature/v1\ntime ${seconds}\n${note.text}`;
  const good = verifies(c, witness, message, signature.subarray(TIME_BYTES));
  return good ? seconds * NS_PER_S : undefined;
}

/** The seal has not been judged yet: if it cannot be read, step 4 fails whatever counts here. */
function isTimely(c: Case, timeNs: bigint): boolean {
  const seal = sealOf(c);
  const { now } = c.options;
  if (seal !== undefined && timeNs < BigInt(seal.t) - SKEW_NS) {
    c.warnings.push(`A cosignature of ${timeText(timeNs)} is older than the seal: not counted.`);
    return false;
  }
  return now === undefined || timeNs <= now + SKEW_NS;
}

function keepEarliest(
  cosigned: Map<string, { witness: TrustedWitness; timeNs: bigint }>,
  witness: TrustedWitness,
  timeNs: bigint,
): void {
  const before = cosigned.get(witness.label);
  if (before === undefined || timeNs < before.timeNs) {
    cosigned.set(witness.label, { witness, timeNs });
  }
}

function badSignature(i: number, line: NoteSignature): Failure {
  return {
    code: 1,
    step: 'trust',
    at: `checkpoint/signatures/${i}`,
    expected: `a signature by ${line.name}+${line.keyId}`,
    found: 'one that does not verify',
  };
}
