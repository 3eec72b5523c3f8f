/** Words of which any number may be chosen. */
import type { ReactNode } from 'react';
import { classNames } from './class-names.ts';

interface ChoicesProps<T extends string> {
  /** What is chosen among, read aloud. */
  name: string;
  words: readonly T[];
  chosen: readonly string[];
  onChange: (chosen: T[]) => void;
  /** What is shown of a word; the word itself where nothing is said. */
  shown?: Record<T, string>;
}

export function Choices<T extends string>(props: ChoicesProps<T>): ReactNode {
  const { name, words, chosen, onChange, shown } = props;
  return (
    <fieldset className="flex flex-wrap gap-1">
      <legend className="sr-only">{name}</legend>
      {words.map((word) => {
        const isChosen = chosen.includes(word);
        return (
          <button
            key={word}
            type="button"
            aria-pressed={isChosen}
            onClick={() =>
              onChange(
                words.filter((other) => (other === word ? !isChosen : chosen.includes(other))),
              )
            }
            className={classNames(
              'h-7 rounded-md border px-2 text-xs font-medium transition-colors',
              isChosen
                ? 'border-accent bg-accent-soft text-accent'
                : 'border-line text-muted hover:bg-hover hover:text-text',
            )}
          >
            {shown?.[word] ?? word}
          </button>
        );
      })}
    </fieldset>
  );
}
