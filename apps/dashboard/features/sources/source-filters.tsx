/** Narrows the sources by state, and to one session; every choice is in the address bar. */
import { SOURCE_STATES, type SourceState } from '@vitrine/schema/api';
import type { ReactNode } from 'react';
import { Choices } from '../../ui/choices.tsx';
import { FilterChip, Filters } from '../../ui/filter-fields.tsx';
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
  return (
    <Filters>
      <Choices
        name="State"
        words={SOURCE_STATES}
        shown={STATE_WORDS}
        chosen={state}
        onChange={onState}
      />
      {session === '' ? null : (
        <FilterChip clears="show all open sessions" onClear={onAllSessions}>
          of <SafeText text={session} />
        </FilterChip>
      )}
    </Filters>
  );
}
