/** Narrows the rules; every choice is in the address bar. */
import type { ReactNode } from 'react';
import { SEVERITIES } from '../../lib/severity.ts';
import { RULE_STATES } from '../../lib/url-state.ts';
import { Choices } from '../../ui/choices.tsx';
import { FilterGap, Filters, filterField } from '../../ui/filter-fields.tsx';
import { RISKS, type RuleFilter } from './words.ts';

interface RuleFiltersProps {
  filter: RuleFilter;
  onChange: (change: Partial<RuleFilter>) => void;
}

export function RuleFilters({ filter, onChange }: RuleFiltersProps): ReactNode {
  const { severity, state, risk, q } = filter;
  return (
    <Filters>
      <input
        type="search"
        aria-label="Find rules"
        placeholder="Id, title, technique, kind …"
        value={q}
        onChange={(event) => onChange({ q: event.target.value })}
        className={filterField(q !== '', 'w-full sm:w-56')}
      />
      <Choices
        name="Severity"
        words={SEVERITIES}
        chosen={severity}
        onChange={(chosen) => onChange({ severity: chosen })}
      />
      <FilterGap />
      <Choices
        name="State"
        words={RULE_STATES}
        chosen={state}
        onChange={(chosen) => onChange({ state: chosen })}
      />
      <FilterGap />
      <Choices
        name="Risk"
        words={RISKS}
        chosen={risk}
        onChange={(chosen) => onChange({ risk: chosen })}
      />
    </Filters>
  );
}
