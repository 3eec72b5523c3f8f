/**
 * Text of a checkpoint (C2SP tlog-checkpoint without extension lines) and of a note that signs it
 * (C2SP signed-note). Reads hostile text; needs nothing of Node.
 */
import { NOTE_SIGNATURES_MAX } from '@vitrine/schema/record';
import { decodeBase64, encodeBase64, isHashText } from '../base64.ts';
import { ChainError } from '../error.ts';
import { isCount } from '../record/form.ts';

export interface Checkpoint<H extends Uint8Array = Uint8Array> {
  origin: string;
  size: number;
  root: H;
}

export interface NoteSignature {
  name: string;
  /** 8 hex digits */
  keyId: string;
  /** What follows the key id. */
  signature: Uint8Array;
}

export interface CheckpointNote<H extends Uint8Array = Uint8Array> extends Checkpoint<H> {
  /** What is signed: the checkpoint's three lines. */
  text: string;
  signatures: NoteSignature[];
}

const CONTROL_CHARACTER = /[\x00-\x09\x0b-\x1f\x7f-\x9f]/;
const SIGNATURE_LINE = /^— ([^ ]+) ([^ ]+)$/;
/** Nothing that could hide in a name: spaces of any kind, `+`, invisible characters. */
const UNFIT_FOR_KEY_NAME = /[\s+\p{Z}\p{C}]/u;
const SIZE = /^(?:0|[1-9][0-9]{0,15})$/;
const KEY_ID_BYTES = 4;

export function isKeyName(name: string): boolean {
  return name !== '' && !UNFIT_FOR_KEY_NAME.test(name);
}

export function formatCheckpoint({ origin, size, root }: Checkpoint): string {
  const fit = isKeyName(origin) && isCount(size) && root.length === 32;
  if (!fit) throw new ChainError('NOTE_INVALID', 'not a checkpoint');
  return `${origin}\n${size}\n${encodeBase64(root)}\n`;
}

/** Throws NOTE_INVALID. Signatures are read, not verified. */
export function readCheckpointNote(note: string): CheckpointNote {
  if (CONTROL_CHARACTER.test(note)) throw refuse('a control character');
  if (!note.isWellFormed()) throw refuse('a lone surrogate');
  const split = note.lastIndexOf('\n\n');
  if (split < 0) throw refuse('no blank line before the signatures');
  if (!note.endsWith('\n')) throw refuse('a last line without its end');
  const text = note.slice(0, split + 1);
  const lines = note.slice(split + 2, -1).split('\n', NOTE_SIGNATURES_MAX + 1);
  if (lines.length > NOTE_SIGNATURES_MAX) throw refuse('too many signature lines');
  const checkpoint = readCheckpoint(text);
  return { ...checkpoint, text, signatures: lines.map(readSignature) };
}

function readCheckpoint(text: string): Checkpoint {
  const lines = text.split('\n', 5);
  if (lines.length !== 4) throw refuse('not three lines of text');
  const [origin, size, root] = lines as [string, string, string];
  if (origin === '') throw refuse('an empty origin');
  if (!SIZE.test(size) || !isCount(Number(size))) throw refuse('a size that is no decimal number');
  const bytes = isHashText(root) ? decodeBase64(root) : undefined;
  if (bytes === undefined) throw refuse('a root that is not the base64 of 32 bytes');
  return { origin, size: Number(size), root: bytes };
}

function readSignature(line: string): NoteSignature {
  const [, name, text] = SIGNATURE_LINE.exec(line) ?? [];
  const bytes = text === undefined ? undefined : decodeBase64(text);
  const fit = name !== undefined && isKeyName(name);
  if (!fit || bytes === undefined || bytes.length <= KEY_ID_BYTES) {
    throw refuse('a line that is no signature');
  }
  const keyId = hexOf(bytes.subarray(0, KEY_ID_BYTES));
  return { name, keyId, signature: bytes.subarray(KEY_ID_BYTES) };
}

export function hexOf(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return text;
}

function refuse(found: string): ChainError {
  return new ChainError('NOTE_INVALID', `a checkpoint note with ${found}`);
}
