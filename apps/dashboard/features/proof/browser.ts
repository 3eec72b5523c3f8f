/**
 * The browser behind a proof: same-origin requests, WebCrypto, storage. The only file here that
 * touches globals of a page; called in event handlers and effects, never while rendering.
 */
import { BUNDLE_BYTES_MAX, EVENT_BUNDLE_BYTES_MAX, TRUST_BYTES_MAX } from '@vitrine/schema/record';
import { apiUrl, failureOf, send } from '../../lib/api/client.ts';
import { type BodyProgress, readBody } from './body.ts';
import type { ProofWays } from './run.ts';
import type { PinStorage } from './trust-pin.ts';

const NS_PER_MS = 1_000_000n;

export function browserWays(): ProofWays {
  return {
    async fetchBundle({ log, index }, signal) {
      const path = `/v1/events/${encodeURIComponent(log)}/${index}/bundle`;
      return readBody(await get(path, signal), EVENT_BUNDLE_BYTES_MAX);
    },
    async fetchTrust(signal) {
      const bytes = await readBody(await get('/v1/trust', signal), TRUST_BYTES_MAX);
      return new TextDecoder().decode(bytes);
    },
    storage: pinStorage(),
    // Not there outside of a secure context, whatever the types say.
    subtle: (globalThis.crypto as Crypto | undefined)?.subtle as SubtleCrypto | undefined,
    nowNs: () => BigInt(Date.now()) * NS_PER_MS,
  };
}

/** The evidence of a whole session. Throws ApiFailure. */
export async function fetchSessionBundle(
  session: string,
  signal: AbortSignal,
  onProgress: (progress: BodyProgress) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  const response = await get(`/v1/sessions/${encodeURIComponent(session)}/bundle`, signal);
  return readBody(response, BUNDLE_BYTES_MAX, onProgress);
}

async function get(path: string, signal: AbortSignal): Promise<Response> {
  const response = await send(apiUrl(path), { signal });
  if (!response.ok) throw await failureOf(response);
  return response;
}

const memory = new Map<string, string>();
const pageStorage: PinStorage = {
  getItem: (key) => memory.get(key) ?? null,
  setItem: (key, value) => void memory.set(key, value),
  removeItem: (key) => void memory.delete(key),
};

/** Where the browser keeps nothing, a pin lasts as long as the page. */
export function pinStorage(): PinStorage {
  try {
    const { localStorage } = window;
    localStorage.getItem('vitrine');
    return localStorage;
  } catch {
    return pageStorage;
  }
}

export function isKept(storage: PinStorage): boolean {
  return storage !== pageStorage;
}

/** Hands a file to the reader. */
export function saveFile(name: string, bytes: Uint8Array<ArrayBuffer>): void {
  const url = URL.createObjectURL(new Blob([bytes], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The download has begun with the click; browsers read the blob on their own time.
  setTimeout(() => URL.revokeObjectURL(url), SAVE_MS_MAX);
}

const SAVE_MS_MAX = 60_000;
