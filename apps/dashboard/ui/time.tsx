/** A time as its age, with the exact UTC time on hover and for programs. */
'use client';

import { type ReactNode, useSyncExternalStore } from 'react';
import { ageText, isoOfNs, utcText } from '../lib/time.ts';

const TICK_MS = 10_000;
let now = 0;
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const each of listeners) each();
  }, TICK_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

function currentMs(): number {
  // Between two ticks the same value, as React asks; never far behind the clock.
  if (Date.now() - now > TICK_MS) now = Date.now();
  return now;
}

/** The time of this page, renewed every ten seconds; 0 while the server renders. */
export function useNowMs(): number {
  return useSyncExternalStore(subscribe, currentMs, () => 0);
}

/** `ns`: nanoseconds since 1970, as the API gives them. */
export function Age({ ns, className }: { ns: string; className?: string }): ReactNode {
  const nowMs = useNowMs();
  return (
    <time dateTime={isoOfNs(ns)} title={utcText(ns)} className={className}>
      {nowMs === 0 ? utcText(ns) : ageText(ns, nowMs)}
    </time>
  );
}
