/** Whether the page is live, as shape and word; cut connections say when they are tried again. */
'use client';

import { type ReactNode, useSyncExternalStore } from 'react';
import { type ConnectionState, connectionState, onConnection } from '../../lib/live/connection.ts';
import { classNames } from '../../ui/class-names.ts';

const NONE: ConnectionState = { state: 'none' };

interface Look {
  word: string;
  /** On a narrow screen. */
  short: string;
  says: string;
  dot: string;
  text: string;
}

const LOOKS: Record<ConnectionState['state'], Look | null> = {
  none: null,
  connecting: {
    word: 'Connecting',
    short: '…',
    says: 'The live connection is being made.',
    dot: 'rounded-full border-[1.5px] border-current',
    text: 'text-muted',
  },
  live: {
    word: 'Live',
    short: 'Live',
    says: 'New records appear by themselves.',
    dot: 'rounded-full bg-sealed',
    text: 'text-muted',
  },
  lost: {
    word: 'Connection lost',
    short: 'Lost',
    says: 'The live connection was cut. It is tried again by itself, and nothing is missed.',
    dot: 'rotate-45 rounded-[1px] bg-high',
    text: 'text-high',
  },
  refused: {
    word: 'Not live',
    short: 'Off',
    says: 'The live connection was refused.',
    dot: 'rounded-[1px] bg-critical',
    text: 'text-critical',
  },
};

export function ConnectionMark(): ReactNode {
  const connection = useSyncExternalStore(onConnection, connectionState, () => NONE);
  const look = LOOKS[connection.state];
  return (
    <div
      role="status"
      aria-label="Live connection"
      className="mr-1 flex items-center justify-end sm:min-w-[7.25rem]"
    >
      {look === null ? null : (
        <span
          title={look.says}
          className={classNames('flex items-center gap-1.5 px-1 text-xs', look.text)}
        >
          <span className={classNames('size-2', look.dot)} />
          <span className="max-sm:sr-only">{look.word}</span>
          <span
            aria-hidden="true"
            data-short={look.short}
            className="before:content-[attr(data-short)] sm:hidden"
          />
        </span>
      )}
    </div>
  );
}
