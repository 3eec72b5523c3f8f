/** What detection looks for, how each rule fares, and the one that is open. All in the address. */
'use client';

import { plainText } from '@vitrine/schema/text';
import { useQueryStates } from 'nuqs';
import { type ReactNode, Suspense } from 'react';
import type { RulesAnswer } from '../../lib/api/rule-types.ts';
import { ruleKeys } from '../../lib/url-state.ts';
import { stepRow, useKeys } from '../../lib/use-keys.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { classNames } from '../../ui/class-names.ts';
import { CommandLine } from '../../ui/command-line.tsx';
import { AlertIcon, ShieldIcon } from '../../ui/icons.tsx';
import { PageBody, PageHeader } from '../../ui/page-header.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { StaleNotice } from '../../ui/stale-notice.tsx';
import { EmptyState, ErrorState, LoadingState } from '../../ui/states.tsx';
import { useRules } from './query.ts';
import { RuleFilters } from './rule-filters.tsx';
import { RulePanel } from './rule-panel.tsx';
import { RuleRow, ruleLinkId } from './rule-row.tsx';
import { detectionWords, narrowed, type RuleFilter } from './words.ts';

export function RulesPage(): ReactNode {
  return (
    <PageBody>
      <PageHeader
        title="Rules"
        description="What detection looks for in every record, and what it found of late."
      />
      <Suspense fallback={<LoadingState label="The rules are loading." />}>
        <Rules />
      </Suspense>
    </PageBody>
  );
}

function Rules(): ReactNode {
  const [{ rule, ...filter }, setState] = useQueryStates(ruleKeys, { history: 'push' });
  const query = useRules();
  const { data, error } = query;
  const close = (): void => {
    void setState({ rule: null }).then(() => document.getElementById(ruleLinkId(rule))?.focus());
  };
  useKeys({
    j: () => stepRow(1),
    k: () => stepRow(-1),
    ...(rule === '' ? {} : { Escape: close }),
  });
  if (error?.status === 401 || (data === undefined && error !== null)) {
    return (
      <div className="rounded-lg border border-line bg-surface">
        <ErrorState
          error={error}
          title="The rules could not be loaded"
          retry={() => query.refetch()}
        />
      </div>
    );
  }
  if (data === undefined) return <LoadingState label="The rules are loading." rows={12} />;
  const change = (next: Partial<RuleFilter>): void =>
    void setState(next, next.q === undefined ? {} : { history: 'replace' });
  return (
    <div
      className={classNames(
        'grid items-start gap-4',
        rule !== '' && 'lg:grid-cols-[minmax(0,1fr)_minmax(0,500px)]',
      )}
    >
      <div className={classNames('min-w-0', rule !== '' && 'max-lg:hidden')}>
        {error === null ? null : <StaleNotice error={error} retry={() => query.refetch()} />}
        <Detection answer={data} />
        <Refused answer={data} />
        <RuleFilters filter={filter} onChange={change} />
        <div className="overflow-hidden rounded-lg border border-line bg-surface">
          <List
            answer={data}
            filter={filter}
            open={rule}
            onReset={() => void setState({ severity: null, state: null, risk: null, q: null })}
          />
        </div>
      </div>
      {rule === '' ? null : (
        <div className="min-w-0 lg:sticky lg:top-16">
          <RulePanel key={rule} id={rule} onClose={close} />
        </div>
      )}
    </div>
  );
}

function Detection({ answer }: { answer: RulesAnswer }): ReactNode {
  const { state, items, hash, lag_rows: rows } = answer;
  const late = state === 'running' && rows > 0;
  const tone = state === 'failing' ? 'critical' : late || state !== 'running' ? 'gap' : 'sealed';
  return (
    <p role="status" className="flex flex-wrap items-center gap-x-2 gap-y-1 pb-3 text-sm">
      <Badge tone={tone}>detection {late ? 'behind' : state}</Badge>
      <span className="text-muted">
        {items.length} {items.length === 1 ? 'rule' : 'rules'}
        {hash === null ? '' : ', set '}
        {hash === null ? null : <code title={hash}>{hash.slice(0, 12)}</code>}.{' '}
        <SafeText text={detectionWords(answer)} />
      </span>
    </p>
  );
}

/** Files that do not run: what is shown is then not what the folder holds. */
function Refused({ answer: { refused } }: { answer: RulesAnswer }): ReactNode {
  if (refused.length === 0) return null;
  return (
    <section
      aria-label="Files that are not used"
      className="mb-3 rounded-md border border-line bg-high-soft px-3 py-2 text-sm"
    >
      <p className="flex items-center gap-2 font-medium text-high">
        <AlertIcon className="size-4" />
        {refused.length === 1 ? 'A file is not used' : `${refused.length} files are not used`}
      </p>
      <ul className="mt-1 flex flex-col gap-1">
        {refused.map(({ file, code, reason }) => (
          <li key={file}>
            <code>{plainText(file)}</code>: <SafeText text={reason} />{' '}
            <code className="text-xs text-muted">{plainText(code)}</code>
          </li>
        ))}
      </ul>
    </section>
  );
}

interface ListProps {
  answer: RulesAnswer;
  filter: RuleFilter;
  open: string;
  onReset: () => void;
}

function List({ answer: { items }, filter, open, onReset }: ListProps): ReactNode {
  const rules = narrowed(items, filter);
  if (rules.length > 0) {
    return (
      <ul aria-label="Rules">
        {rules.map((rule) => (
          <RuleRow key={rule.id} rule={rule} filter={filter} current={rule.id === open} />
        ))}
      </ul>
    );
  }
  if (items.length > 0) {
    return (
      <EmptyState title="No rule matches">
        <p>There is none with these choices.</p>
        <Button onClick={onReset}>Show all rules</Button>
      </EmptyState>
    );
  }
  return (
    <EmptyState title="No rules" icon={<ShieldIcon className="size-8" />}>
      <p>Nothing is looked for. Put a rule into the folder rules of the data directory, then:</p>
      <CommandLine command="npx --no vitrine rules reload" />
    </EmptyState>
  );
}
