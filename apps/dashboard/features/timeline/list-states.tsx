/** What stands where rows would: on their way, none, or why they did not come. */
'use client';

import { type ReactNode, useEffect, useState } from 'react';
import { paths } from '../../lib/paths.ts';
import { Button, ButtonLink } from '../../ui/button.tsx';
import { classNames } from '../../ui/class-names.ts';
import { BoxIcon } from '../../ui/icons.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { EmptyState, ErrorState } from '../../ui/states.tsx';
import type { Timeline, TimelineState } from './window/timeline.ts';
import type { Side } from './window/window.ts';

const SLOW_MS = 3_000;
const SKELETON_ROWS = 24;

interface ListStatesProps {
  timeline: Timeline;
  state: TimelineState;
  filtered: boolean;
  onClear(): void;
}

/** `undefined` when there are rows to show. */
export function listState({ timeline, state, filtered, onClear }: ListStatesProps): ReactNode {
  const { items, opening, failure } = state;
  if (items.length > 0) return undefined;
  if (opening) return <LoadingRows label="Loading events" />;
  if (failure !== undefined) {
    const retry = (): void => void timeline.retry();
    const title = 'The events could not be loaded';
    return <ErrorState error={failure.failure} title={title} retry={retry} />;
  }
  if (!filtered) {
    return (
      <EmptyState title="Nothing recorded yet" icon={<BoxIcon className="size-6" />}>
        The session is open and none of its sources has sent an event. New events appear here by
        themselves.
      </EmptyState>
    );
  }
  const side = sideLeft(state);
  if (side !== undefined) return <NotYet timeline={timeline} state={state} side={side} />;
  return (
    <EmptyState title="No event matches the filter" icon={<BoxIcon className="size-6" />}>
      Nothing in this session has that kind, vantage, time and query.
      <Button onClick={onClear}>Clear the filter</Button>
    </EmptyState>
  );
}

/** Where nobody has looked: the search took too long for one answer. */
function sideLeft({ startReached, endReached }: TimelineState): Side | undefined {
  if (!startReached) return 'start';
  return endReached ? undefined : 'end';
}

function NotYet(props: { timeline: Timeline; state: TimelineState; side: Side }): ReactNode {
  const { timeline, state, side } = props;
  const isBusy = state.busy[side];
  return (
    <EmptyState title="Nothing found so far" icon={<BoxIcon className="size-6" />}>
      The search has not looked at every event of this session: it took too long for one answer.
      <Button aria-disabled={isBusy} onClick={() => void timeline.more(side)}>
        {isBusy ? 'Searching …' : 'Search further'}
      </Button>
    </EmptyState>
  );
}

/** Grey rows of the height of real ones: nothing moves when those come. */
export function LoadingRows({ label }: { label: string }): ReactNode {
  return (
    <div role="status" className="relative h-full overflow-hidden bg-surface">
      <span className="sr-only">{label}</span>
      {Array.from({ length: SKELETON_ROWS }, (_, i) => i).map((row) => (
        <div key={row} className="flex h-[30px] items-center gap-3 border-b border-line/60 px-4">
          <div className="skeleton h-3 w-20" />
          <div className="skeleton h-3 w-16" />
          <div className="skeleton h-3 flex-1" style={{ maxWidth: `${30 + ((row * 37) % 50)}%` }} />
        </div>
      ))}
      <Slow />
    </div>
  );
}

/** Over empty canvas: the rows there are being read. */
export function OnTheWay(): ReactNode {
  return (
    <p
      role="status"
      className={classNames(
        'pointer-events-none absolute inset-x-0 top-1/2 mx-auto w-fit rounded-md border',
        'border-line-strong bg-surface px-3 py-1 text-xs text-muted',
      )}
    >
      Loading events
    </p>
  );
}

/** Says so once it takes long. */
function Slow(): ReactNode {
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), SLOW_MS);
    return () => clearTimeout(timer);
  }, []);
  if (!slow) return null;
  return (
    <p
      className={classNames(
        'absolute inset-x-0 top-16 mx-auto w-fit rounded-md border',
        'border-line-strong bg-surface px-4 py-2 text-sm text-muted shadow-lg',
      )}
    >
      This takes longer than usual. The store may be busy; the page goes on waiting.
    </p>
  );
}

export function UnknownSession({ session }: { session: string }): ReactNode {
  return (
    <>
      <h1 className="sr-only">
        <SafeText text={session} />
      </h1>
      <EmptyState title="There is no such session" icon={<BoxIcon className="size-6" />}>
        <span>
          Nothing is recorded under <SafeText text={session} className="font-medium text-text" />.
          It may belong to another log, or the link was cut short.
        </span>
        <ButtonLink href={paths.sessions()}>All sessions</ButtonLink>
      </EmptyState>
    </>
  );
}
