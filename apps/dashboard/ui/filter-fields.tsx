/** What narrows a list: a text, a choice, and what was chosen elsewhere; each says what it is. */
'use client';

import { type ReactNode, useEffect, useState } from 'react';
import { classNames } from './class-names.ts';
import { CloseIcon } from './icons.tsx';

const TYPING_MS = 300;
const TEXT_CHARS_MAX = 1_024;

/** Where filters stand in a row, above what they narrow. */
export function Filters({ children }: { children: ReactNode }): ReactNode {
  return <search className="flex flex-wrap items-center gap-2 pb-3">{children}</search>;
}

/** Between two groups of filters. */
export function FilterGap(): ReactNode {
  return <span aria-hidden="true" className="h-4 border-l border-line max-sm:hidden" />;
}

/** How a field of a filter looks. */
export function filterField(isNarrowing: boolean, more: string): string {
  const edge = isNarrowing ? 'border-accent' : 'border-line-strong';
  return classNames('h-7 rounded-md border bg-surface px-2 text-xs', edge, more);
}

interface FilterTextProps {
  /** Read aloud, and shown while it is empty. */
  label: string;
  text: string;
  onText: (text: string) => void;
}

export function FilterText({ label, text, onText }: FilterTextProps): ReactNode {
  const [typed, setTyped] = useState(text);
  // Back and forward change the text from outside.
  useEffect(() => setTyped(text), [text]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only typing starts the clock
  useEffect(() => {
    if (typed === text) return;
    const timer = setTimeout(() => onText(typed), TYPING_MS);
    return () => clearTimeout(timer);
  }, [typed, text]);
  return (
    <input
      type="search"
      aria-label={label}
      placeholder={label}
      value={typed}
      maxLength={TEXT_CHARS_MAX}
      onChange={({ target }) => setTyped(target.value)}
      onKeyDown={({ key }) => {
        if (key === 'Enter') onText(typed);
      }}
      className={filterField(text !== '', 'min-w-0 flex-[1_1_180px] sm:max-w-72')}
    />
  );
}

interface FilterChoiceProps<T extends string> {
  label: string;
  /** What stands there while nothing is chosen. */
  all: string;
  value: T | null;
  choices: readonly (readonly [value: T, name: string])[];
  onChoose: (value: T | null) => void;
}

export function FilterChoice<T extends string>(props: FilterChoiceProps<T>): ReactNode {
  const { label, all, value, choices, onChoose } = props;
  return (
    <select
      aria-label={label}
      value={value ?? ''}
      onChange={({ target }) =>
        onChoose(choices.find(([choice]) => choice === target.value)?.[0] ?? null)
      }
      // Of one width whatever there is to choose, which may come later: nothing moves by it.
      className={filterField(
        value !== null,
        classNames('w-36 max-w-full', value === null ? 'text-muted' : 'text-accent'),
      )}
    >
      <option value="">{all}</option>
      {choices.map(([choice, name]) => (
        <option key={choice} value={choice}>
          {name}
        </option>
      ))}
    </select>
  );
}

interface FilterChipProps {
  /** What happens by a click, read aloud: `show all sessions`. */
  clears: string;
  onClear: () => void;
  children: ReactNode;
}

/** Something that a link has narrowed to, and that a click takes away. */
export function FilterChip({ clears, onClear, children }: FilterChipProps): ReactNode {
  return (
    <button
      type="button"
      onClick={onClear}
      className={classNames(
        'flex h-7 max-w-full items-center gap-1.5 rounded-md border border-accent',
        'bg-accent-soft px-2 text-xs text-accent',
      )}
    >
      <span className="min-w-0 truncate">{children}</span>
      <CloseIcon className="size-3" />
      <span className="sr-only">: {clears}</span>
    </button>
  );
}

/** Who saw it: what only the agent said is told apart from what others saw. */
export const VANTAGE_CHOICES = [
  ['agent', 'said by the agent'],
  ['guest', 'seen in the guest'],
  ['boundary', 'seen at the boundary'],
  ['host', 'seen from the host'],
] as const;
