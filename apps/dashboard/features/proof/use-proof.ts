/** Proves a row while it is shown, and again while it waits for its seal. */
'use client';

import type { EventItem } from '@vitrine/schema/api';
import { useCallback, useEffect, useRef, useState } from 'react';
import { asFailure } from '../../lib/api/client.ts';
import { browserWays } from './browser.ts';
import { type ProofProgress, proveOnce } from './run.ts';
import { forgetOutcomes } from './verdicts.ts';

/** A seal with heads follows within a second or so. */
const PENDING_RETRY_MS = 2_000;

export interface Proof {
  progress: ProofProgress;
  again(): void;
  /** After the trusted keys were changed: what was found before no longer counts. */
  trustChanged(): void;
}

/**
 * Each attempt is an export, which the log records: so a row is proven once, by what it says rather
 * than by the identity of the object that says it. `size` is that of the log, if the page knows it.
 */
export function useProof(item: EventItem, size: number | undefined): Proof {
  const [progress, setProgress] = useState<ProofProgress>({ phase: 'fetching' });
  const [attempt, setAttempt] = useState(0);
  const again = useCallback(() => setAttempt((n) => n + 1), []);
  const latest = useRef(item);
  useEffect(() => {
    latest.current = item;
  });
  // The names of parts come later than the row, and say nothing about it.
  const key = JSON.stringify({ ...item, parts: undefined });
  // biome-ignore lint/correctness/useExhaustiveDependencies: key spells the item; attempt repeats
  useEffect(() => {
    const given = new AbortController();
    setProgress((before) => (before.phase === 'pending' ? before : { phase: 'fetching' }));
    proveOnce(latest.current, browserWays(), given.signal).then(
      (found) => setProgress(found),
      (error: unknown) => {
        if (!given.signal.aborted) setProgress({ phase: 'failed', failure: asFailure(error) });
      },
    );
    return () => given.abort();
  }, [key, attempt]);

  const waits = progress.phase === 'pending';
  useEffect(() => {
    if (!waits) return;
    const timer = setInterval(again, PENDING_RETRY_MS);
    return () => clearInterval(timer);
  }, [waits, again]);

  const known = useRef(size);
  useEffect(() => {
    const grew = known.current !== size;
    known.current = size;
    if (grew && waits) again();
  }, [size, waits, again]);

  const trustChanged = useCallback(() => {
    forgetOutcomes();
    again();
  }, [again]);
  return { progress, again, trustChanged };
}
