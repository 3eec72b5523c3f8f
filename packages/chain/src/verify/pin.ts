/** The pin: an auditor's memory of a checkpoint that was verified before (LOG.md §5, step 3). */
import { PIN_BYTES_MAX } from '@vitrine/schema/record';
import { decodeBase64, isHashText } from '../base64.ts';
import { ChainError } from '../error.ts';
import { sameBytes } from '../hash/rfc6962.ts';
import { JsonCursor } from '../json/cursor.ts';
import { readCount, readMembers, shapeOf } from '../json/members.ts';
import { type CheckpointNote, readCheckpointNote } from '../note/checkpoint.ts';
import { consistencyHolds } from '../tree/verify.ts';
import { type Case, type Findings, hashesOf } from './case.ts';
import { isSignedBy } from './trust.ts';
import type { Failure } from './verdict.ts';

export interface Pin {
  origin: string;
  size: number;
  root: Uint8Array;
  note: CheckpointNote;
}

const PIN = shapeOf<Partial<Pin>>('pin', {
  origin: (c, pin) => {
    pin.origin = c.string();
  },
  size: (c, pin) => {
    pin.size = readCount(c);
  },
  root: (c, pin) => {
    const root = c.string();
    if (!isHashText(root)) throw c.malformed('not the base64 of 32 bytes');
    pin.root = decodeBase64(root)!;
  },
  note: (c, pin) => {
    pin.note = readPinnedNote(c.wellFormedString());
  },
});

/** Throws PIN_INVALID for text that is no pin at all. */
export function readPin(text: string): Pin {
  if (text.length > PIN_BYTES_MAX) throw new ChainError('PIN_INVALID', 'the pin is too large');
  const c = new JsonCursor(text, 'PIN_INVALID');
  const pin = readMembers(c, PIN, {});
  c.end();
  return pin as Pin;
}

function readPinnedNote(note: string): CheckpointNote {
  try {
    return readCheckpointNote(note);
  } catch (error) {
    if (!(error instanceof ChainError)) throw error;
    throw new ChainError('PIN_INVALID', error.message, error.hint, { cause: error });
  }
}

/** Nothing to do without a pin. */
export function* checkPin(c: Case): Findings {
  const { pin } = c;
  if (pin === null) return;
  const { note } = pin;
  const same =
    pin.origin === note.origin && pin.size === note.size && sameBytes(pin.root, note.root);
  if (!same) {
    yield failure(2, 'pin', 'origin, size and root of its note', 'others');
    return;
  }
  if (!isSignedBy(c, note)) {
    yield failure(4, 'pin', 'a signature by a key of the trust file', 'none that verifies');
  }
  yield* checkGrowth(c, pin);
}

function* checkGrowth(c: Case, pin: Pin): Findings {
  const { checkpoint, consistency } = c.bundle;
  if (checkpoint.origin !== pin.origin) {
    yield failure(4, 'checkpoint', `origin ${pin.origin}`, checkpoint.origin);
  } else if (checkpoint.size < pin.size) {
    yield failure(4, 'checkpoint', `at least ${pin.size} leaves`, `${checkpoint.size}`);
  } else if (checkpoint.size === pin.size) {
    // Only two signed statements can contradict each other.
    if (sameBytes(checkpoint.root, pin.root) || c.failed.size > 0) return;
    yield failure(5, 'checkpoint', 'the root of the pin, which has this size', 'another root');
  } else if (consistency === undefined || consistency.from.text !== pin.note.text) {
    const found = consistency === undefined ? 'none' : 'one from another checkpoint';
    yield failure(3, 'consistency', 'a consistency proof from the pin', found);
  } else if (!consistencyHolds(c.primitives.sha256, pin, checkpoint, hashesOf(consistency.proof))) {
    yield failure(1, 'consistency', 'a proof that the log only grew', 'one that does not hold');
  }
}

function failure(code: Failure['code'], at: string, expected: string, found: string): Failure {
  return { code, step: 'pin', at, expected, found };
}
