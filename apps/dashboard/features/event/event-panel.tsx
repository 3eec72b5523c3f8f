/** One event, opened beside the list: what it says, in six ways to look at it. */
'use client';

import type { EventItem } from '@vitrine/schema/api';
import { type ReactNode, useEffect, useRef } from 'react';
import type { OpenedEvent } from '../../lib/opened-event.ts';
import { paths } from '../../lib/paths.ts';
import { dateTimeText, utcText } from '../../lib/time.ts';
import { Badge } from '../../ui/badge.tsx';
import { IconButton } from '../../ui/button.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { ChevronLeftIcon, ChevronRightIcon, CloseIcon } from '../../ui/icons.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { EmptyState, ErrorState, LoadingState } from '../../ui/states.tsx';
import { VantageMark } from '../../ui/vantage-mark.tsx';
import { ProofPanel } from '../proof/proof-panel.tsx';
import { RowBadge } from '../proof/row-badge.tsx';
import { useRowState } from '../proof/use-row-state.ts';
import { FieldsTab } from './fields-tab.tsx';
import { PartsTab } from './parts-tab.tsx';
import { ProcessTab } from './process-tab.tsx';
import { useEventAt } from './queries.ts';
import { RecordTab } from './record-tab.tsx';
import { TabList, TabPanel } from './tabs.tsx';
import { VantageTab } from './vantage-tab.tsx';
import './event.css';

/** Narrower than this the panel covers the page (event.css). */
const SHEET = '(max-width: 900px)';

export function EventPanel(props: OpenedEvent): ReactNode {
  const { session, index, item, tab } = props;
  const panel = useRef<HTMLElement>(null);
  const asked = useEventAt(session, index, item);
  const shown = item ?? asked.data?.item;
  const size = Math.max(props.size, asked.data?.size ?? 0);
  useEffect(() => {
    // A sheet covers the list: the focus must not stay behind it.
    if (matchMedia(SHEET).matches) panel.current?.focus();
  }, []);
  return (
    <aside ref={panel} tabIndex={-1} aria-label={`Event ${index}`} className="event-panel">
      <div className="flex h-11 shrink-0 items-center gap-1 border-b border-line pr-2 pl-4">
        <span className="mr-auto truncate text-sm text-faint tabular-nums">{`Leaf ${index}`}</span>
        <Step label="Previous event" go={props.onPrevious}>
          <ChevronLeftIcon className="size-4 rotate-90" />
        </Step>
        <Step label="Next event" go={props.onNext}>
          <ChevronRightIcon className="size-4 rotate-90" />
        </Step>
        <CopyButton
          label="Copy link"
          text={() => location.origin + paths.session(session, { e: index, tab })}
        />
        <IconButton label="Close the event" onClick={props.onClose}>
          <CloseIcon />
        </IconButton>
      </div>
      {shown ? (
        <Opened key={index} {...props} item={shown} size={size} />
      ) : (
        <Absent {...props} asked={asked} />
      )}
    </aside>
  );
}

function Step(props: {
  label: string;
  go: (() => void) | undefined;
  children: ReactNode;
}): ReactNode {
  const { label, go, children } = props;
  return (
    <IconButton
      label={label}
      onClick={() => go?.()}
      aria-disabled={go === undefined}
      className="aria-disabled:cursor-not-allowed aria-disabled:opacity-40"
    >
      {children}
    </IconButton>
  );
}

function Absent(props: OpenedEvent & { asked: ReturnType<typeof useEventAt> }): ReactNode {
  const { asked, index } = props;
  if (asked.isPending) return <LoadingState label="Loading the event" />;
  if (asked.isError) {
    const retry = (): void => void asked.refetch();
    return <ErrorState error={asked.error} title="The event could not be loaded" retry={retry} />;
  }
  return (
    <EmptyState title="Not an event of this session">
      {`Leaf ${index} belongs to another session, or is not in the published log yet.`}
    </EmptyState>
  );
}

function Opened(props: OpenedEvent & { item: EventItem }): ReactNode {
  const { item, size, tab, onTab } = props;
  const parts = Object.keys(Object(item.record.parts)).length;
  return (
    <>
      <Heading item={item} size={size} />
      <TabList chosen={tab} onChoose={onTab} parts={parts} />
      <TabPanel tab={tab}>
        <Content item={item} size={size} tab={tab} onTerm={props.onTerm} />
      </TabPanel>
    </>
  );
}

type ContentProps = Pick<OpenedEvent, 'size' | 'tab' | 'onTerm'> & { item: EventItem };

function Content({ item, size, tab, onTerm }: ContentProps): ReactNode {
  switch (tab) {
    case 'fields':
      return <FieldsTab record={item.record} onTerm={onTerm} />;
    case 'record':
      return <RecordTab item={item} />;
    case 'parts':
      return <PartsTab item={item} />;
    case 'process':
      return <ProcessTab item={item} />;
    case 'vantage':
      return <VantageTab item={item} />;
    case 'proof':
      return <ProofPanel item={item} size={size} />;
  }
}

function Heading({ item, size }: { item: EventItem; size: number }): ReactNode {
  const { state, reason } = useRowState(item, size);
  return (
    <div className="shrink-0 px-4 pt-3 pb-2">
      <h2 className="text-base leading-snug font-semibold">
        <SafeText text={item.title} />
      </h2>
      <div className="mt-2 flex flex-wrap items-center gap-x-3 gap-y-1.5 text-xs text-muted">
        <RowBadge state={state} reason={reason} />
        <Badge>
          <SafeText text={item.kind} />
        </Badge>
        <VantageMark vantage={item.vantage} />
        <time title={utcText(item.t)} className="tabular-nums">
          {dateTimeText(item.t)}
        </time>
        {item.agent === '' ? null : <SafeText text={`agent ${item.agent}`} />}
      </div>
      {state === 'sealed' ? null : (
        <p className="mt-2 text-sm text-muted">
          <SafeText text={reason} />
        </p>
      )}
    </div>
  );
}
