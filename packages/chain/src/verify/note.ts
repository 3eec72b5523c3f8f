/**
 * Checkpoints (C2SP tlog-checkpoint without extension lines), the notes that sign them (C2SP
 * signed-note), and the keys as text.
 */
import { NOTE_BYTES_MAX, NOTE_SIGNATURES_MAX } from '@vitrine/schema/record';
import { ChainError } from '../error.ts';
import { decodeBase64, hexOf, type Sha256, utf8 } from './bytes.ts';
import { isCount } from './form.ts';
import type { CheckpointNote, NoteSignature, VerifierKey } from './types.ts';

/** C2SP signed-note: signature type of a log's Ed25519 key. */
export const C2SP_ED25519 = 1;
/** C2SP tlog-cosignature: signature type of a witness's timestamped Ed25519 key. */
export const C2SP_COSIGNATURE_ED25519 = 4;
const ED25519_KEY_BYTES = 32;
const KEY_ID_BYTES = 4;

/** Control characters, and surrogates that are alone. */
const UNFIT_FOR_NOTE = /[\x00-\x09\x0b-\x1f\x7f-\x9f\p{Surrogate}]/u;
const CHECKPOINT = /^([^\n]+)\n(0|[1-9][0-9]{0,15})\n([A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=)\n\n/;
const SIGNATURE_LINE = /^— ([^ ]+) ([^ ]+)$/;
/** C2SP signed-note: no `+` and no space of Unicode, by a list that no engine changes. */
const UNFIT_FOR_KEY_NAME = /[+\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;
const VKEY = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/;
/** Order of the field of edwards25519: 2^255 - 19. */
const P = 2n ** 255n - 19n;
/** RFC 8032 §5.1: y of the points of order 8, or minus it. Those of 1, 2 and 4 are 1, -1 and 0. */
const ORDER_8 = 0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n;
const SMALL_ORDER = [0n, 1n, P - 1n, ORDER_8, P - ORDER_8];

/** Throws NOTE_INVALID. Signatures are read, not verified. */
export function readCheckpointNote(note: string): CheckpointNote {
  const refuse = (found: string) =>
    new ChainError('NOTE_INVALID', `a checkpoint note with ${found}`);
  if (utf8(note).length > NOTE_BYTES_MAX) throw refuse('too many bytes');
  if (UNFIT_FOR_NOTE.test(note)) throw refuse('a control character, or a lone surrogate');
  const [head, origin, size, root] = CHECKPOINT.exec(note) ?? [];
  if (head === undefined || !isCount(Number(size))) throw refuse('no origin, size and root');
  if (!note.endsWith('\n')) throw refuse('a last line without its end');
  const lines = note.slice(head.length, -1).split('\n', NOTE_SIGNATURES_MAX + 1);
  if (lines.length > NOTE_SIGNATURES_MAX) throw refuse('too many signature lines');
  const signatures = lines.map((line): NoteSignature => {
    const [, name = '', text = ''] = SIGNATURE_LINE.exec(line) ?? [];
    const bytes = decodeBase64(text) ?? new Uint8Array(0);
    const signature = bytes.slice(KEY_ID_BYTES);
    const whole = isKeyName(name) && signature.length > 0;
    if (!whole) throw refuse('a line that is no signature');
    return { name, keyId: hexOf(bytes.slice(0, KEY_ID_BYTES)), signature };
  });
  return { origin: origin!, size: Number(size), root: root!, text: head.slice(0, -1), signatures };
}

export function isKeyName(name: string): boolean {
  return name !== '' && !UNFIT_FOR_KEY_NAME.test(name);
}

export function keyIdOf(sha256: Sha256, name: string, type: number, publicKey: Uint8Array): string {
  const bytes = Uint8Array.from([...utf8(`${name}\n`), type, ...publicKey]);
  return hexOf(sha256(bytes).subarray(0, KEY_ID_BYTES));
}

/** `<name>+<key id>+<base64 of type and key>`. Throws KEY_INVALID, also for a key id of another. */
export function parseVkey(sha256: Sha256, text: string): VerifierKey {
  const refuse = (found: string) =>
    new ChainError('KEY_INVALID', found, 'copy the vkey again from its owner');
  const [, name = '', keyId, key = ''] = VKEY.exec(text) ?? [];
  const [type, ...raw] = decodeBase64(key) ?? [];
  if (keyId === undefined || type === undefined || !isKeyName(name)) throw refuse('not a vkey');
  if (type !== C2SP_ED25519 && type !== C2SP_COSIGNATURE_ED25519) {
    throw refuse(`key type ${type}, which is not Ed25519`);
  }
  if (raw.length !== ED25519_KEY_BYTES) throw refuse('not an Ed25519 key');
  const publicKey = Uint8Array.from(raw);
  if (keyIdOf(sha256, name, type, publicKey) !== keyId) throw refuse('the key id is not its own');
  return { name, keyId, type, publicKey };
}

/**
 * Keys under which anybody can make signatures, and such as implementations read in different ways:
 * y of a point of small order, or not below 2^255 - 19, which RFC 8032 §5.1.3 does not decode.
 */
export function isWeakKey(publicKey: Uint8Array): boolean {
  const y = BigInt.asUintN(255, numberOf(publicKey.toReversed()));
  return y >= P || SMALL_ORDER.includes(y);
}

/** Big-endian; of no bytes 0, for a signature may be shorter than it should. */
export function numberOf(bytes: Uint8Array): bigint {
  return BigInt(`0x0${hexOf(bytes)}`);
}
