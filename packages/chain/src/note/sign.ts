/** Signed notes with Node: what a log publishes, and what it reads back of its own. */
import { readCheckpointNote } from '../verify/note.ts';
import type { CheckpointNote } from './checkpoint.ts';
import type { LogKey } from './key.ts';

/** The note of a checkpoint's text with one signature line (C2SP signed-note). */
export function signNote(text: string, key: LogKey): string {
  const signature = Buffer.concat([Buffer.from(key.keyId, 'hex'), key.sign(Buffer.from(text))]);
  return `${text}\n— ${key.origin} ${signature.toString('base64')}\n`;
}

/** Throws NOTE_INVALID. Signatures are read, not verified. */
export function parseCheckpointNote(note: string): CheckpointNote {
  const read = readCheckpointNote(note);
  return { ...read, root: Buffer.from(read.root, 'base64') };
}

/** C2SP tlog-proof without extra data. */
export function tlogProof(index: number, path: Buffer[], note: string): string {
  const hashes = path.map((hash) => `${hash.toString('base64')}\n`);
  return `c2sp.org/tlog-proof@v1\nindex ${index}\n${hashes.join('')}\n${note}`;
}
