/** What the list says of itself: a lost connection, new rows, what could not be read. */
'use client';

import { type ReactNode, useEffect, useRef, useState } from 'react';
import { classNames } from '../../ui/class-names.ts';
import type { Timeline, TimelineState } from './window/timeline.ts';

/** Someone who listens is told at most this often. */
const SPOKEN_MS = 5_000;

export function ConnectionStrip({ connection }: Pick<TimelineState, 'connection'>): ReactNode {
  const lost = useLost(connection.state);
  if (connection.state === 'refused') {
    return (
      <Strip tone="bad">
        The live connection was refused ({connection.failure.code}). {connection.failure.hint}
      </Strip>
    );
  }
  if (!lost) return null;
  return <Strip tone="warn">Connection lost — reconnecting, nothing will be missed.</Strip>;
}

/** Lost until it is live again: the tries in between change nothing. */
function useLost(state: TimelineState['connection']['state']): boolean {
  const [lost, setLost] = useState(false);
  useEffect(() => {
    if (state === 'lost') setLost(true);
    if (state === 'live' || state === 'none') setLost(false);
  }, [state]);
  return lost;
}

export function FailureStrip({ timeline, state }: StripsProps): ReactNode {
  const { failure, items } = state;
  if (failure === undefined || items.length === 0) return null;
  const said = failure.failure;
  return (
    <Strip tone="bad">
      {`${WHICH[failure.side]} events could not be read: ${said.message}. ${said.hint}. `}
      <code className="text-xs">{said.code}</code>
      <button
        type="button"
        className="ml-3 min-h-6 font-medium underline underline-offset-2"
        onClick={() => void timeline.retry()}
      >
        Try again
      </button>
    </Strip>
  );
}

const WHICH = { start: 'Older', end: 'Newer', all: 'These' };

interface StripsProps {
  timeline: Timeline;
  state: TimelineState;
}

function Strip({ tone, children }: { tone: 'warn' | 'bad'; children: ReactNode }): ReactNode {
  const look = tone === 'warn' ? 'bg-gap-soft text-gap' : 'bg-broken-soft text-broken';
  return (
    <div
      role="status"
      className={`absolute inset-x-0 top-0 z-10 min-h-[33px] px-4 py-1.5 text-sm ${look}`}
    >
      {children}
    </div>
  );
}

interface NewPillProps {
  fresh: number;
  onClick(): void;
}

export function NewPill({ fresh, onClick }: NewPillProps): ReactNode {
  const spoken = useSpoken(fresh);
  return (
    <>
      <div role="status" className="sr-only">
        {spoken}
      </div>
      {fresh === 0 ? null : (
        <button
          type="button"
          onClick={onClick}
          className={classNames(
            'absolute bottom-4 left-1/2 z-10 h-8 -translate-x-1/2 rounded-full',
            'bg-accent-fill px-4 text-sm font-medium whitespace-nowrap',
            'text-accent-text shadow-lg hover:brightness-110',
          )}
        >
          {`${fresh.toLocaleString('en')} new`} <span aria-hidden="true">↓</span>
        </button>
      )}
    </>
  );
}

/** The words for a screen reader, renewed every five seconds at most. */
function useSpoken(fresh: number): string {
  const [spoken, setSpoken] = useState('');
  const last = useRef(0);
  useEffect(() => {
    const wait = Math.max(0, last.current + SPOKEN_MS - Date.now());
    const timer = setTimeout(() => {
      last.current = Date.now();
      setSpoken(fresh === 0 ? '' : `${fresh} new event${fresh === 1 ? '' : 's'}`);
    }, wait);
    return () => clearTimeout(timer);
  }, [fresh]);
  return spoken;
}
