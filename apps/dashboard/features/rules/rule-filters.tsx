/** Narrows the rules; every choice is in the address bar. */
import type { ReactNode } from 'react';
import { SEVERITIES } from '../../lib/severity.ts';
import { RULE_STATES } from '../../lib/url-state.ts';
import { Choices } from '../../ui/choices.tsx';
import { RISKS, type RuleFilter } from './words.ts';

interface RuleFiltersProps {
  filter: RuleFilter;
  onChange: (change: Partial<RuleFilter>) => void;
}

export function RuleFilters({ filter, onChange }: RuleFiltersProps): ReactNode {
  const { severity, state, risk, q } = filter;
  return (
    <search className="flex flex-wrap items-center gap-x-4 gap-y-2 pb-3">
      <input
        type="search"
        aria-label="Find rules"
        placeholder="Id, title, technique, kind …"
        value={q}
        onChange={(event) => onChange({ q: event.target.value })}
        className={
          'h-7 w-full rounded-md border border-line bg-surface px-2 text-sm ' +
          'placeholder:text-faint sm:w-64'
        }
      />
      <Choices
        name="Severity"
        words={SEVERITIES}
        chosen={severity}
        onChange={(chosen) => onChange({ severity: chosen })}
      />
      <Choices
        name="State"
        words={RULE_STATES}
        chosen={state}
        onChange={(chosen) => onChange({ state: chosen })}
      />
      <Choices
        name="Risk"
        words={RISKS}
        chosen={risk}
        onChange={(chosen) => onChange({ risk: chosen })}
      />
    </search>
  );
}
