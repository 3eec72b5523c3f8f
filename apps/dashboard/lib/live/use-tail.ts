/** A live tail for as long as a component is shown; its state goes to the header. */
'use client';

import { useEffect, useRef } from 'react';
import { endConnection, reportConnection } from './connection.ts';
import { followTail, type TailOptions } from './tail.ts';

/** Follows anew when `session`, the filters or `enabled` change. `after` is read at the start. */
export function useTail(options: TailOptions & { enabled?: boolean }): void {
  const latest = useRef(options);
  useEffect(() => {
    latest.current = options;
  });
  const { session, enabled = true } = options;
  const key = JSON.stringify([session, options.kinds, options.vantages, options.q]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: key stands for the options it spells
  useEffect(() => {
    if (!enabled) return;
    const stop = followTail({
      ...latest.current,
      onRecords: (items) => latest.current.onRecords(items),
      onReady: (size) => latest.current.onReady?.(size),
      onState(state) {
        reportConnection(state);
        latest.current.onState?.(state);
      },
    });
    return () => {
      stop();
      endConnection();
    };
  }, [key, enabled]);
}
