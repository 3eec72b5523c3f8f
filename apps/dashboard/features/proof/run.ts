/**
 * One attempt to prove a row: fetches its bundle and the server's word about its keys, and verifies
 * here. Asks the server for evidence only, never for a judgement.
 */
import { ChainError } from '@vitrine/chain/verify';
import type { EventItem } from '@vitrine/schema/api';
import { ApiFailure } from '../../lib/api/client.ts';
import { type ProofInputs, type ProofReport, proveRow, refused } from './prove.ts';
import {
  keyChange,
  type PinStorage,
  pinOnFirstUse,
  readPin,
  type StoredPin,
  type TrustPin,
} from './trust-pin.ts';
import { noteOutcome } from './verdicts.ts';

export type ProofProgress =
  | { phase: 'fetching' }
  /** The published tree does not cover the row yet. */
  | { phase: 'pending'; reason: string }
  | { phase: 'done'; report: ProofReport }
  /** This browser cannot verify; nothing is said about the row. */
  | { phase: 'unable'; why: 'no WebCrypto' | 'no Ed25519' | 'unreadable pin' }
  /** No evidence came; nothing is said about the row. */
  | { phase: 'failed'; failure: ApiFailure };

/** How the page reaches the server and the browser. */
export interface ProofWays {
  fetchBundle(item: EventItem, signal: AbortSignal): Promise<Uint8Array>;
  /** Text of `/v1/trust`. */
  fetchTrust(signal: AbortSignal): Promise<string>;
  storage: PinStorage;
  /** Absent where the page is not a secure context. */
  subtle: ProofInputs['subtle'] | undefined;
  nowNs(): bigint;
}

const NOT_READY = 'NOT_READY';
const NOT_FOUND = 'NOT_FOUND';

/** Never `fetching`. What it finds about the row is noted for the lists. Rejects when aborted. */
export async function proveOnce(
  item: EventItem,
  ways: ProofWays,
  signal: AbortSignal,
): Promise<ProofProgress> {
  if (ways.subtle === undefined) return { phase: 'unable', why: 'no WebCrypto' };
  const stored = readPin(ways.storage);
  if (stored.state === 'unreadable') return { phase: 'unable', why: 'unreadable pin' };
  try {
    const [bytes, trust] = await Promise.all([
      ways.fetchBundle(item, signal).catch((cause) => missing(item, cause)),
      trustFor(stored, ways, signal),
    ]);
    if (typeof bytes === 'string') return concluded(item, refused(bytes));
    const { subtle } = ways;
    const report = await proveRow(item, bytes, { ...trust, subtle, nowNs: ways.nowNs() });
    signal.throwIfAborted();
    return concluded(item, report);
  } catch (error) {
    signal.throwIfAborted();
    return stopped(error);
  }
}

/** The pinned keys, else those of the server, which are pinned now. */
async function trustFor(
  stored: StoredPin,
  ways: ProofWays,
  signal: AbortSignal,
): Promise<{ pin: TrustPin; keyChange: string | undefined }> {
  if (stored.state === 'pinned') {
    const { pin } = stored;
    if (pin.source === 'file') return { pin, keyChange: undefined };
    // The pin needs no server; but a server that names another key is worth a word.
    const offered = await ways.fetchTrust(signal).catch(() => undefined);
    return { pin, keyChange: offered === undefined ? undefined : keyChange(pin, offered) };
  }
  const offered = await ways.fetchTrust(signal);
  signal.throwIfAborted();
  const nowIso = new Date(Number(ways.nowNs() / NS_PER_MS)).toISOString();
  const kept = pinOnFirstUse(ways.storage, offered, nowIso);
  if (kept.state !== 'pinned') throw new ChainError('TRUST_INVALID', 'no key could be pinned');
  // Another tab may have been first: then its pin counts, and is compared as well.
  return { pin: kept.pin, keyChange: keyChange(kept.pin, offered) };
}

const NS_PER_MS = 1_000_000n;

function concluded(item: EventItem, report: ProofReport): ProofProgress {
  const { proven, failure = 'The proof does not hold.' } = report;
  noteOutcome(item, proven ? { proven } : { proven: false, reason: failure });
  return { phase: 'done', report };
}

/** A row that is shown and has no leaf is a finding; any other failure is none. */
function missing({ log, index }: EventItem, cause: unknown): string {
  if (!(cause instanceof ApiFailure) || cause.code !== NOT_FOUND) throw cause;
  return `The server shows this row, and says that there is no leaf ${log}/${index}.`;
}

function stopped(error: unknown): ProofProgress {
  if (error instanceof ApiFailure) {
    if (error.code === NOT_READY) return { phase: 'pending', reason: error.message };
    return { phase: 'failed', failure: error };
  }
  if (!(error instanceof ChainError)) throw error;
  if (error.code === 'CRYPTO_UNSUPPORTED') return { phase: 'unable', why: 'no Ed25519' };
  const failure = new ApiFailure(
    200,
    error.code,
    `The server's keys: ${error.message}`,
    error.hint,
  );
  return { phase: 'failed', failure };
}
