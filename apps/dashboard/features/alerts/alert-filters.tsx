/** Narrows the list of alerts; every choice is in the address bar. */
'use client';

import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { getJson } from '../../lib/api/client.ts';
import { classNames } from '../../ui/class-names.ts';
import { CloseIcon } from '../../ui/icons.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { SEVERITIES } from './alert.ts';
import type { AlertFilter } from './query.ts';

interface AlertFiltersProps {
  filter: AlertFilter;
  onChange: (change: Partial<AlertFilter>) => void;
}

export function AlertFilters({ filter, onChange }: AlertFiltersProps): ReactNode {
  const { severity, rule, session } = filter;
  const toggle = (name: string): void =>
    onChange({
      severity: severity.includes(name)
        ? severity.filter((other) => other !== name)
        : [...severity, name],
    });
  return (
    <div className="flex flex-wrap items-center gap-2 pb-3">
      <fieldset className="flex flex-wrap gap-1">
        <legend className="sr-only">Severity</legend>
        {SEVERITIES.map((name) => (
          <button
            key={name}
            type="button"
            aria-pressed={severity.includes(name)}
            onClick={() => toggle(name)}
            className={classNames(
              'h-7 rounded-md border px-2 text-xs font-medium transition-colors',
              severity.includes(name)
                ? 'border-accent bg-accent-soft text-accent'
                : 'border-line text-muted hover:bg-hover hover:text-text',
            )}
          >
            {name}
          </button>
        ))}
      </fieldset>
      <RuleChoice rule={rule} onChange={(chosen) => onChange({ rule: chosen })} />
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
    </div>
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
      className={classNames(
        'h-7 rounded-md border bg-surface px-1.5 text-xs font-medium',
        rule === '' ? 'border-line text-muted' : 'border-accent text-accent',
      )}
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
