/** Plays the session as it went: play or pause, and how fast. */
'use client';

import type { ReactNode } from 'react';
import { durationText } from '../../../lib/time.ts';
import { classNames } from '../../../ui/class-names.ts';
import { PauseIcon, PlayIcon } from '../../../ui/icons.tsx';
import { SPEEDS } from './clock.ts';
import type { Replay } from './use-replay.ts';

export function ReplayControl({ replay }: { replay: Replay }): ReactNode {
  const { isPlaying, speed, skippedMs, toggle, setSpeed } = replay;
  return (
    <div role="group" aria-label="Replay" className="shrink-0 pt-1.5 pr-4">
      <div
        className={classNames(
          'flex h-8 items-stretch rounded-md border border-line-strong',
          'text-xs font-medium',
        )}
      >
        <button
          type="button"
          onClick={toggle}
          aria-label={isPlaying ? 'Pause the replay' : 'Replay the session as it went'}
          className="inline-flex items-center gap-1 rounded-l-md px-2 hover:bg-hover"
        >
          {isPlaying ? <PauseIcon className="size-3.5" /> : <PlayIcon className="size-3.5" />}
          <span className="max-sm:hidden">{isPlaying ? 'Pause' : 'Replay'}</span>
        </button>
        {SPEEDS.map((one) => (
          <button
            key={one}
            type="button"
            aria-pressed={one === speed}
            aria-label={`${one}× as fast`}
            onClick={() => setSpeed(one)}
            className={classNames(
              'border-l border-line px-1.5 tabular-nums last:rounded-r-md',
              one === speed ? 'bg-accent-soft text-accent' : 'text-muted hover:bg-hover',
            )}
          >
            {`${one}×`}
          </button>
        ))}
      </div>
      <p className="h-4 text-right text-[11px] text-faint">
        {isPlaying && skippedMs > 0 ? `skipped ${durationText(skippedMs)}` : ''}
      </p>
    </div>
  );
}
