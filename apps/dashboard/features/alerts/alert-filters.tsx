/** Narrows the list of alerts; every choice is in the address bar. */
'use client';

import { useQuery } from '@tanstack/react-query';
import type { RulesAnswer } from '@vitrine/schema/api';
import { ALERT_ASSIGNEE_NOBODY, ALERT_STATES } from '@vitrine/schema/record';
import { type ReactNode, useId, useState } from 'react';
import { getJson } from '../../lib/api/client.ts';
import { faultOf } from '../../lib/query/fault.ts';
import { SEVERITIES } from '../../lib/severity.ts';
import { Choices } from '../../ui/choices.tsx';
import {
  FilterChip,
  FilterChoice,
  FilterGap,
  Filters,
  filterField,
} from '../../ui/filter-fields.tsx';
import { QueryFault } from '../../ui/query-fault.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import type { AlertFilter } from './query.ts';

interface AlertFiltersProps {
  filter: AlertFilter;
  /** Names to choose an assignee from. */
  names: readonly string[];
  onChange: (change: Partial<AlertFilter>) => void;
}

export function AlertFilters({ filter, names, onChange }: AlertFiltersProps): ReactNode {
  const { severity, state, assignee, rule, q, session } = filter;
  return (
    <Filters>
      <Choices
        name="State"
        words={ALERT_STATES}
        chosen={state}
        onChange={(chosen) => onChange({ state: chosen })}
      />
      <FilterGap />
      <Choices
        name="Severity"
        words={SEVERITIES}
        chosen={severity}
        onChange={(chosen) => onChange({ severity: chosen })}
      />
      <AssigneeChoice
        assignee={assignee}
        names={names}
        onChange={(chosen) => onChange({ assignee: chosen })}
      />
      <RuleChoice rule={rule} onChange={(chosen) => onChange({ rule: chosen })} />
      <TextFilter key={q} text={q} onChange={(text) => onChange({ q: text })} />
      {session === '' ? null : (
        <FilterChip clears="show all sessions" onClear={() => onChange({ session: '' })}>
          about <SafeText text={session} />
        </FilterChip>
      )}
    </Filters>
  );
}

interface AssigneeChoiceProps {
  assignee: string;
  names: readonly string[];
  onChange: (assignee: string) => void;
}

function AssigneeChoice({ assignee, names, onChange }: AssigneeChoiceProps): ReactNode {
  const known = new Set(names);
  if (assignee !== '' && assignee !== ALERT_ASSIGNEE_NOBODY) known.add(assignee);
  const nobody = [ALERT_ASSIGNEE_NOBODY, 'nobody’s'] as const;
  return (
    <FilterChoice
      label="Assignee"
      all="anybody’s"
      value={assignee === '' ? null : assignee}
      choices={[nobody, ...[...known].sort().map((name) => [name, name] as const)]}
      onChoose={(chosen) => onChange(chosen ?? '')}
    />
  );
}

interface RuleChoiceProps {
  rule: string;
  onChange: (rule: string) => void;
}

function RuleChoice({ rule, onChange }: RuleChoiceProps): ReactNode {
  const { data } = useQuery({
    queryKey: ['rules'],
    queryFn: ({ signal }): Promise<RulesAnswer> => getJson('/v1/rules', { signal }),
  });
  const ids = new Set((data?.items ?? []).map(({ id }) => id));
  if (rule !== '') ids.add(rule);
  return (
    <FilterChoice
      label="Rule"
      all="any rule"
      value={rule === '' ? null : rule}
      choices={[...ids].sort().map((id) => [id, id] as const)}
      onChoose={(chosen) => onChange(chosen ?? '')}
    />
  );
}

interface TextFilterProps {
  text: string;
  onChange: (text: string) => void;
}

/** Asked for when it is whole: a search reads the records themselves. A query as elsewhere. */
function TextFilter({ text, onChange }: TextFilterProps): ReactNode {
  const [typed, setTyped] = useState(text);
  const [judged, judge] = useState(text);
  const id = useId();
  const fault = typed === judged ? faultOf(judged) : undefined;
  const ask = (): void => {
    judge(typed);
    if (faultOf(typed) === undefined && typed.trim() !== text) onChange(typed.trim());
  };
  return (
    <form
      className="min-w-0 max-sm:w-full"
      onSubmit={(event) => {
        event.preventDefault();
        ask();
      }}
    >
      <input
        type="search"
        aria-label="Text of the alert"
        placeholder="text of the alert"
        value={typed}
        aria-invalid={fault !== undefined}
        aria-describedby={id}
        onChange={(event) => setTyped(event.target.value)}
        onBlur={ask}
        className={filterField(text !== '', 'w-full sm:w-48')}
      />
      <QueryFault id={id} query={typed} fault={fault} />
    </form>
  );
}
