/**
 * Verifier keys as text: `<name>+<key id>+<base64 of type and key>` (C2SP signed-note). Needs
 * nothing of Node.
 */
import { decodeBase64, encodeBase64 } from '../base64.ts';
import { ChainError } from '../error.ts';
import type { Sha256 } from '../hash/rfc6962.ts';
import { hexOf, isKeyName } from './checkpoint.ts';

/** C2SP signed-note: signature type of a log's Ed25519 key. */
export const C2SP_ED25519 = 1;
/** C2SP tlog-cosignature: signature type of a witness's timestamped Ed25519 key. */
export const C2SP_COSIGNATURE_ED25519 = 4;
export const ED25519_KEY_BYTES = 32;

const KEY_ID_BYTES = 4;
const VKEY = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/;

export interface VerifierKey {
  name: string;
  /** 8 hex digits */
  keyId: string;
  type: number;
  publicKey: Uint8Array;
}

export function keyIdOf(sha256: Sha256, name: string, type: number, publicKey: Uint8Array): string {
  const prefix = new TextEncoder().encode(`${name}\n`);
  const bytes = new Uint8Array(prefix.length + 1 + publicKey.length);
  bytes.set(prefix);
  bytes[prefix.length] = type;
  bytes.set(publicKey, prefix.length + 1);
  return hexOf(sha256(bytes).subarray(0, KEY_ID_BYTES));
}

export function formatVkey({ name, keyId, type, publicKey }: VerifierKey): string {
  const bytes = new Uint8Array(1 + publicKey.length);
  bytes[0] = type;
  bytes.set(publicKey, 1);
  return `${name}+${keyId}+${encodeBase64(bytes)}`;
}

/** Throws KEY_INVALID: also for a key id that is not that of the key. */
export function parseVkey(sha256: Sha256, text: string): VerifierKey {
  const [, name, keyId, key] = VKEY.exec(text) ?? [];
  const bytes = key === undefined ? undefined : decodeBase64(key);
  if (name === undefined || keyId === undefined || bytes === undefined || !isKeyName(name)) {
    throw refuse('not a vkey');
  }
  const type = bytes[0];
  const publicKey = bytes.subarray(1);
  if (type !== C2SP_ED25519 && type !== C2SP_COSIGNATURE_ED25519) {
    throw refuse(`key type ${type} is not supported; Ed25519 is`);
  }
  if (publicKey.length !== ED25519_KEY_BYTES) throw refuse('not an Ed25519 key');
  if (keyIdOf(sha256, name, type, publicKey) !== keyId) throw refuse('the key id is not its own');
  return { name, keyId, type, publicKey };
}

function refuse(message: string): ChainError {
  return new ChainError('KEY_INVALID', message, 'copy the vkey again from its owner');
}
