/** What narrows a list: a text and a choice, each saying what it narrows. */
'use client';

import { type ReactNode, useEffect, useState } from 'react';
import { classNames } from './class-names.ts';

const TYPING_MS = 300;
const TEXT_CHARS_MAX = 1_024;

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
      className={classNames(
        'h-8 min-w-0 flex-[1_1_180px] rounded-md border border-line-strong bg-surface px-2.5',
        'text-sm sm:max-w-80',
      )}
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
      className={classNames(
        'h-8 max-w-full rounded-md border bg-surface px-2 text-sm',
        value === null ? 'border-line-strong text-muted' : 'border-accent text-accent',
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

/** Who saw it: what only the agent said is told apart from what others saw. */
export const VANTAGE_CHOICES = [
  ['agent', 'said by the agent'],
  ['guest', 'seen in the guest'],
  ['boundary', 'seen at the boundary'],
  ['host', 'seen from the host'],
] as const;
