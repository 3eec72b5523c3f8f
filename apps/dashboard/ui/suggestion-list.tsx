/** What the query box offers. The box keeps the focus: `chosen` says where the keys are. */
'use client';

import type { ReactNode } from 'react';
import type { Suggestion } from '../lib/query/suggest.ts';
import { classNames } from './class-names.ts';
import { SafeText } from './safe-text.tsx';

interface SuggestionListProps {
  id: string;
  items: readonly Suggestion[];
  chosen: number;
  onTake(at: number): void;
}

export function SuggestionList({ id, items, chosen, onTake }: SuggestionListProps): ReactNode {
  return (
    <div
      id={`${id}-list`}
      role="listbox"
      aria-label="Suggestions"
      hidden={items.length === 0}
      className={classNames(
        'absolute top-9 right-0 left-0 z-40 max-h-[50dvh] overflow-y-auto rounded-lg border',
        'border-line-strong bg-surface py-1 shadow-2xl',
      )}
    >
      {items.map(({ text, label, detail }, at) => (
        // The box handles the keys; the pointer must not take the focus from it.
        // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the box
        // biome-ignore lint/a11y/useKeyWithClickEvents: the box handles the keys
        <div
          key={text}
          id={`${id}-${at}`}
          role="option"
          aria-selected={at === chosen}
          onPointerDown={(event) => event.preventDefault()}
          onClick={() => onTake(at)}
          className={classNames(
            'flex cursor-default items-baseline gap-3 px-3 py-1 text-sm',
            at === chosen ? 'bg-accent-soft' : 'hover:bg-hover',
          )}
        >
          <SafeText text={label} className="shrink-0 font-mono text-xs" />
          <SafeText text={detail} className="truncate text-xs text-faint" />
        </div>
      ))}
    </div>
  );
}
