/** Narrows the list of alerts; every choice is in the address bar. */
'use client';

import { useQuery } from '@tanstack/react-query';
import { ALERT_ASSIGNEE_NOBODY, ALERT_STATES } from '@vitrine/schema/record';
import { type ReactNode, useState } from 'react';
import { getJson } from '../../lib/api/client.ts';
import { SEVERITIES } from '../../lib/severity.ts';
import { Choices } from '../../ui/choices.tsx';
import { classNames } from '../../ui/class-names.ts';
import { CloseIcon } from '../../ui/icons.tsx';
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
    <search className="flex flex-wrap items-center gap-2 pb-3">
      <Choices
        name="State"
        words={ALERT_STATES}
        chosen={state}
        onChange={(chosen) => onChange({ state: chosen })}
      />
      <span aria-hidden="true" className="h-4 border-l border-line max-sm:hidden" />
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
        <button
          type="button"
          onClick={() => onChange({ session: '' })}
          className={classNames(
            'flex h-7 max-w-full items-center gap-1.5 rounded-md border border-accent',
            'bg-accent-soft px-2 text-xs text-accent',
          )}
        >
          <span className="min-w-0 truncate">
            about <SafeText text={session} />
          </span>
          <CloseIcon className="size-3" />
          <span className="sr-only">: show all sessions</span>
        </button>
      )}
    </search>
  );
}

const SELECT = 'h-7 max-w-44 rounded-md border bg-surface px-1.5 text-xs font-medium';

function selectLook(isChosen: boolean): string {
  return classNames(SELECT, isChosen ? 'border-accent text-accent' : 'border-line text-muted');
}

interface AssigneeChoiceProps {
  assignee: string;
  names: readonly string[];
  onChange: (assignee: string) => void;
}

function AssigneeChoice({ assignee, names, onChange }: AssigneeChoiceProps): ReactNode {
  const known = new Set(names);
  if (assignee !== '' && assignee !== ALERT_ASSIGNEE_NOBODY) known.add(assignee);
  return (
    <select
      aria-label="Assignee"
      value={assignee}
      onChange={(event) => onChange(event.target.value)}
      className={selectLook(assignee !== '')}
    >
      <option value="">anybody’s</option>
      <option value={ALERT_ASSIGNEE_NOBODY}>nobody’s</option>
      {[...known].sort().map((name) => (
        <option key={name} value={name}>
          {name}
        </option>
      ))}
    </select>
  );
}

interface RuleList {
  items: { id: string; title: string }[];
}

interface RuleChoiceProps {
  rule: string;
  onChange: (rule: string) => void;
}

function RuleChoice({ rule, onChange }: RuleChoiceProps): ReactNode {
  const { data } = useQuery({
    queryKey: ['rules'],
    queryFn: ({ signal }): Promise<RuleList> => getJson('/v1/rules', { signal }),
  });
  const ids = new Set((data?.items ?? []).map(({ id }) => id));
  if (rule !== '') ids.add(rule);
  return (
    <select
      aria-label="Rule"
      value={rule}
      onChange={(event) => onChange(event.target.value)}
      className={selectLook(rule !== '')}
    >
      <option value="">any rule</option>
      {[...ids].sort().map((id) => (
        <option key={id} value={id}>
          {id}
        </option>
      ))}
    </select>
  );
}

interface TextFilterProps {
  text: string;
  onChange: (text: string) => void;
}

/** Asked for when it is whole: a search reads the records themselves. */
function TextFilter({ text, onChange }: TextFilterProps): ReactNode {
  const [typed, setTyped] = useState(text);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        onChange(typed.trim());
      }}
    >
      <input
        type="search"
        aria-label="Text of the alert"
        placeholder="text of the alert"
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        onBlur={() => typed.trim() !== text && onChange(typed.trim())}
        className={classNames(
          'h-7 w-40 rounded-md border bg-surface px-2 text-xs placeholder:text-faint',
          text === '' ? 'border-line' : 'border-accent',
        )}
      />
    </form>
  );
}
