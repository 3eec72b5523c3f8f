/** Narrows the sources by state, and to one session; every choice is in the address bar. */
import type { ReactNode } from 'react';
import type { SourceState } from '../../lib/api/source-types.ts';
import { SOURCE_STATES } from '../../lib/url-state.ts';
import { classNames } from '../../ui/class-names.ts';
import { CloseIcon } from '../../ui/icons.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { STATE_WORDS } from './words.ts';

interface SourceFiltersProps {
  state: SourceState[];
  session: string;
  onState: (state: SourceState[]) => void;
  onAllSessions: () => void;
}

export function SourceFilters(props: SourceFiltersProps): ReactNode {
  const { state, session, onState, onAllSessions } = props;
  const toggled = (name: SourceState): SourceState[] =>
    state.includes(name) ? state.filter((other) => other !== name) : [...state, name];
  return (
    <div className="flex flex-wrap items-center gap-2 pb-3">
      <fieldset className="flex flex-wrap gap-1">
        <legend className="sr-only">State</legend>
        {SOURCE_STATES.map((name) => (
          <button
            key={name}
            type="button"
            aria-pressed={state.includes(name)}
            onClick={() => onState(toggled(name))}
            className={classNames(
              'h-7 rounded-md border px-2 text-xs font-medium transition-colors',
              state.includes(name)
                ? 'border-accent bg-accent-soft text-accent'
                : 'border-line text-muted hover:bg-hover hover:text-text',
            )}
          >
            {STATE_WORDS[name]}
          </button>
        ))}
      </fieldset>
      {session === '' ? null : (
        <button
          type="button"
          onClick={onAllSessions}
          className={classNames(
            'flex h-7 max-w-full items-center gap-1.5 rounded-md border border-accent',
            'bg-accent-soft px-2 text-xs text-accent',
          )}
        >
          <span className="min-w-0 truncate">
            of <SafeText text={session} />
          </span>
          <CloseIcon className="size-3" />
          <span className="sr-only">: show all open sessions</span>
        </button>
      )}
    </div>
  );
}
