/** Whether a checkpoint's note is signed as the trust file demands of a log. */

import { createPublicKey, verify } from 'node:crypto';
import { ChainError, type CheckpointNote, parseCheckpointNote, type Trust } from '@vitrine/chain';
import type { Findings } from './report.ts';

/** RFC 8410 §4: everything of an Ed25519 SubjectPublicKeyInfo before its key. */
const RFC8410_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

/** `undefined` when it is no note of a checkpoint. */
export function readNote(note: string): CheckpointNote | undefined {
  try {
    return parseCheckpointNote(note);
  } catch (error) {
    if (error instanceof ChainError) return undefined;
    throw error;
  }
}

/** At least one key of this origin that holds for this size; none of its lines is wrong. */
export function isSigned(note: CheckpointNote, origin: string, trust: Trust): boolean {
  let signed = false;
  for (const line of note.signatures) {
    const key = trust.logs.find((k) => k.name === line.name && k.keyId === line.keyId);
    if (key === undefined) continue;
    if (!verifies(key.publicKey, note.text, line.signature)) return false;
    const held = key.intervals.length === 0 || key.intervals.some((i) => holds(i, note.size));
    if (key.name === origin && held) signed = true;
  }
  return signed;
}

function holds({ from, to }: { from: number; to: number | null }, size: number): boolean {
  return size >= from && (to === null || size < to);
}

function verifies(publicKey: Uint8Array, text: string, signature: Uint8Array): boolean {
  try {
    const der = Buffer.concat([RFC8410_PREFIX, publicKey]);
    const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
    return verify(null, Buffer.from(text), key, signature);
  } catch {
    // OpenSSL throws for a key that is no point of the curve: nothing verifies under it.
    return false;
  }
}

/** The newest note of a log, if it is one; what is wrong with it is a finding. */
export function trustedNote(
  { origin, note }: { origin: string; note: string },
  trust: Trust,
  findings: Findings,
): CheckpointNote | undefined {
  const newest = readNote(note);
  if (newest === undefined) findings.add('note', 'newest', 'note', 'a signed checkpoint', note);
  else if (newest.origin !== origin) {
    findings.add('note', newest.size, 'origin', origin, newest.origin);
  } else if (!isSigned(newest, origin, trust)) {
    findings.add('note', newest.size, 'signature', 'one by a key of the trust file', 'none');
  }
  return newest;
}
