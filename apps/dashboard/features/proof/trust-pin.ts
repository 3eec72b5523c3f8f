/**
 * The keys this browser trusts: pinned on first use, or the reader's own file. Kept in the
 * browser's storage for this origin, and never replaced but by the reader.
 */
import { ChainError, encodeBase64, readTrust, sha256, type Trust } from '@vitrine/chain/verify';
import { isObject } from '@vitrine/schema/record';

export interface TrustPin {
  /** Text of a trust file (LOG.md §5). */
  text: string;
  source: 'first use' | 'file';
  /** Name of the file; empty for first use. */
  name: string;
  /** When it was pinned: ISO 8601, UTC. */
  at: string;
}

/** What is used of `localStorage`. Each of these may throw, where a browser gives no storage. */
export interface PinStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/** `unreadable`: something is stored that is no pin. It is not replaced in silence. */
export type StoredPin =
  | { state: 'none' }
  | { state: 'unreadable' }
  | { state: 'pinned'; pin: TrustPin };

const STORAGE_KEY = 'vitrine.trust/1';

export function readPin(storage: PinStorage): StoredPin {
  const text = storage.getItem(STORAGE_KEY);
  if (text === null) return { state: 'none' };
  const pin = parsePin(text);
  return pin === undefined ? { state: 'unreadable' } : { state: 'pinned', pin };
}

/**
 * Pins what the server says, if nothing is pinned: who was first stays. Throws ChainError
 * TRUST_INVALID for a text that is no trust file, or names no log.
 */
export function pinOnFirstUse(storage: PinStorage, text: string, nowIso: string): StoredPin {
  const stored = readPin(storage);
  if (stored.state !== 'none') return stored;
  return keep(storage, { text, source: 'first use', name: '', at: nowIso });
}

/** The reader's own file takes the place of whatever was pinned. Throws as `pinOnFirstUse`. */
export function pinFile(
  storage: PinStorage,
  file: { text: string; name: string },
  nowIso: string,
): StoredPin {
  return keep(storage, { ...file, source: 'file', at: nowIso });
}

export function unpin(storage: PinStorage): void {
  storage.removeItem(STORAGE_KEY);
}

function keep(storage: PinStorage, pin: TrustPin): StoredPin {
  if (logKeysOf(pin.text).length === 0) {
    const hint = 'the output of "npx --no vitrine trust" is one';
    throw new ChainError('TRUST_INVALID', 'the trust file names no log', hint);
  }
  storage.setItem(STORAGE_KEY, JSON.stringify(pin));
  return { state: 'pinned', pin };
}

function parsePin(text: string): TrustPin | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (!isObject(value)) return undefined;
    const { text: trust, source, name, at } = value;
    if (source !== 'first use' && source !== 'file') return undefined;
    if (typeof trust !== 'string' || typeof name !== 'string') return undefined;
    if (typeof at !== 'string' || Number.isNaN(Date.parse(at))) return undefined;
    return logKeysOf(trust).length === 0 ? undefined : { text: trust, source, name, at };
  } catch {
    return undefined;
  }
}

export interface LogKeyName {
  origin: string;
  /** 8 hex digits. */
  keyId: string;
  /** Base64 of the key itself: key ids can be made to collide. */
  key: string;
}

/** The log keys of a trust file. Throws ChainError TRUST_INVALID. */
export function logKeysOf(text: string): LogKeyName[] {
  return trustOf(text).logs.map(({ name, keyId, publicKey }) => {
    return { origin: name, keyId, key: encodeBase64(publicKey) };
  });
}

function trustOf(text: string): Trust {
  return readTrust(sha256, text);
}

/**
 * What is wrong with what the server calls its keys now, beside those that were pinned on first
 * use; `undefined` if it still names every one of them.
 */
export function keyChange(pin: TrustPin, offered: string): string | undefined {
  if (pin.source === 'file') return undefined;
  const pinned = logKeysOf(pin.text);
  let now: LogKeyName[];
  try {
    now = logKeysOf(offered);
  } catch {
    return `The server names no key that can be read, and ${namesOf(pinned)} was pinned.`;
  }
  const isThere = ({ origin, key }: LogKeyName): boolean =>
    now.some((other) => other.origin === origin && other.key === key);
  if (pinned.every(isThere)) return undefined;
  return (
    `The server names another key now: ${namesOf(now)}. ` +
    `On first use, ${dayOf(pin)}, ${namesOf(pinned)} was pinned.`
  );
}

function namesOf(keys: LogKeyName[]): string {
  return keys.map(({ origin, keyId }) => `${keyId} of ${origin}`).join(', ') || 'none';
}

/** The day of a pin, UTC. */
export function dayOf({ at }: TrustPin): string {
  return at.slice(0, 10);
}
