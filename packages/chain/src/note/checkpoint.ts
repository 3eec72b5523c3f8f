/** Text of a checkpoint (C2SP tlog-checkpoint without extension lines) and of a key, to be made. */
import { ChainError } from '../error.ts';
import { encodeBase64 } from '../verify/bytes.ts';
import { isCount } from '../verify/form.ts';
import { isKeyName } from '../verify/note.ts';
import type { SignedText, VerifierKey } from '../verify/types.ts';

export interface Checkpoint {
  origin: string;
  size: number;
  root: Uint8Array;
}

/** A checkpoint with its signatures, which were read and not verified. */
export interface CheckpointNote extends SignedText {
  size: number;
  root: Buffer;
}

export function formatCheckpoint({ origin, size, root }: Checkpoint): string {
  const fit = isKeyName(origin) && isCount(size) && root.length === 32;
  if (!fit) throw new ChainError('NOTE_INVALID', 'not a checkpoint');
  return `${origin}\n${size}\n${encodeBase64(root)}\n`;
}

/** C2SP signed-note: `<name>+<key id>+<base64 of type and key>`. */
export function formatVkey({ name, keyId, type, publicKey }: VerifierKey): string {
  return `${name}+${keyId}+${encodeBase64(Uint8Array.from([type, ...publicKey]))}`;
}
