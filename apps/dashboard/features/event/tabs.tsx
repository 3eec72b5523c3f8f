/** The six tabs of an event, by the ARIA pattern: arrows move, the chosen one has the focus. */
'use client';

import { type KeyboardEvent, type ReactNode, useRef } from 'react';
import { EVENT_TABS, type EventTab } from '../../lib/url-state.ts';
import { classNames } from '../../ui/class-names.ts';

const NAMES: Record<EventTab, string> = {
  fields: 'Fields',
  record: 'Raw record',
  parts: 'Parts',
  process: 'Process',
  vantage: 'Vantage',
  proof: 'Proof',
};

interface TabListProps {
  chosen: EventTab;
  onChoose(tab: EventTab): void;
  /** How many parts the record has. */
  parts: number;
}

export function TabList({ chosen, onChoose, parts }: TabListProps): ReactNode {
  const list = useRef<HTMLDivElement>(null);
  const onKeyDown = (event: KeyboardEvent): void => {
    const at = EVENT_TABS.indexOf(chosen);
    const last = EVENT_TABS.length - 1;
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: last }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = (to + EVENT_TABS.length) % EVENT_TABS.length;
    onChoose(EVENT_TABS[next]!);
    list.current?.querySelectorAll<HTMLElement>('[role="tab"]')[next]?.focus();
  };
  return (
    <div
      ref={list}
      role="tablist"
      aria-label="Event"
      onKeyDown={onKeyDown}
      className={classNames(
        'flex shrink-0 overflow-x-auto border-b border-line px-2',
        '[scrollbar-width:none] sm:gap-1 sm:px-3',
      )}
    >
      {EVENT_TABS.map((tab) => (
        <button
          key={tab}
          type="button"
          role="tab"
          id={`tab-${tab}`}
          aria-selected={tab === chosen}
          aria-controls={`panel-${tab}`}
          tabIndex={tab === chosen ? 0 : -1}
          onClick={() => onChoose(tab)}
          className={classNames(
            'h-9 shrink-0 border-b-2 px-[7px] text-sm font-medium whitespace-nowrap sm:px-2',
            'focus-visible:-outline-offset-2',
            tab === chosen
              ? 'border-accent text-text'
              : 'border-transparent text-muted hover:text-text',
          )}
        >
          {NAMES[tab]}
          {tab === 'parts' && parts > 0 ? (
            <span className="ml-1 text-xs text-faint tabular-nums">{parts}</span>
          ) : null}
        </button>
      ))}
    </div>
  );
}

export function TabPanel({ tab, children }: { tab: EventTab; children: ReactNode }): ReactNode {
  return (
    <div
      role="tabpanel"
      id={`panel-${tab}`}
      aria-labelledby={`tab-${tab}`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
      tabIndex={0}
      className="min-h-0 flex-1 overflow-y-auto p-4 focus-visible:-outline-offset-2"
    >
      {children}
    </div>
  );
}
