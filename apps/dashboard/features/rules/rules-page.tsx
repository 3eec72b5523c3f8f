/** What detection looks for, how each rule fares, and the one that is open. All in the address. */
'use client';

import type { RulesAnswer } from '@vitrine/schema/api';
import { plainText } from '@vitrine/schema/text';
import { useQueryStates } from 'nuqs';
import { type ReactNode, Suspense, useState } from 'react';
import { ruleKeys } from '../../lib/url-state.ts';
import { stepRow, useKeys } from '../../lib/use-keys.ts';
import { Badge } from '../../ui/badge.tsx';
import { Box } from '../../ui/box.tsx';
import { Button } from '../../ui/button.tsx';
import { CommandLine } from '../../ui/command-line.tsx';
import { AlertIcon, ShieldIcon } from '../../ui/icons.tsx';
import { KeySheet, KeysButton } from '../../ui/key-sheet.tsx';
import { Loaded } from '../../ui/loaded.tsx';
import { PageBody, PageHeader } from '../../ui/page-header.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { WithSidePanel } from '../../ui/side-panel.tsx';
import { EmptyState, LoadingState } from '../../ui/states.tsx';
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
  const [showsKeys, setShowsKeys] = useState(false);
  const query = useRules();
  const close = (): void => {
    void setState({ rule: null }).then(() => document.getElementById(ruleLinkId(rule))?.focus());
  };
  useKeys({
    j: () => stepRow(1),
    k: () => stepRow(-1),
    '?': () => setShowsKeys(true),
    ...(rule === '' ? {} : { Escape: close }),
  });
  const change = (next: Partial<RuleFilter>): void =>
    void setState(next, next.q === undefined ? {} : { history: 'replace' });
  const list = (answer: RulesAnswer): ReactNode => (
    <>
      <Detection answer={answer} />
      <Refused answer={answer} />
      <div className="flex items-start justify-between gap-2">
        <RuleFilters filter={filter} onChange={change} />
        <KeysButton onOpen={() => setShowsKeys(true)} />
      </div>
      <Box>
        <List
          answer={answer}
          filter={filter}
          open={rule}
          onReset={() => void setState({ severity: null, state: null, risk: null, q: null })}
        />
      </Box>
    </>
  );
  return (
    <>
      <WithSidePanel
        panel={rule === '' ? null : <RulePanel key={rule} id={rule} onClose={close} />}
      >
        <Loaded query={query} what="rules" rows={12}>
          {list}
        </Loaded>
      </WithSidePanel>
      {showsKeys ? <KeySheet keys={KEYS} onClose={() => setShowsKeys(false)} /> : null}
    </>
  );
}

const KEYS = [
  ['j', 'next rule'],
  ['k', 'previous rule'],
  ['Enter', 'open it'],
  ['Esc', 'back to the list'],
  ['/', 'search'],
  ['?', 'these keys'],
] as const;

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
