/** One rule, opened: what it finds, what to do about it, what else it may be, what it needs. */
'use client';

import { plainText } from '@vitrine/schema/text';
import Link from 'next/link';
import { type ReactNode, useEffect, useId, useRef } from 'react';
import type { RuleText } from '../../lib/api/rule-types.ts';
import { paths } from '../../lib/paths.ts';
import { severityOf } from '../../lib/severity.ts';
import { tagTexts } from '../../lib/tags.ts';
import { Badge } from '../../ui/badge.tsx';
import { IconButton } from '../../ui/button.tsx';
import { classNames } from '../../ui/class-names.ts';
import { Fact, Facts } from '../../ui/facts.tsx';
import { CloseIcon } from '../../ui/icons.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { SeverityBadge } from '../../ui/severity-badge.tsx';
import { ErrorState, LoadingState } from '../../ui/states.tsx';
import { Age } from '../../ui/time.tsx';
import { useRule } from './query.ts';
import { groupWords, kindWords } from './words.ts';

/** Below Tailwind's `lg`. */
const NARROW = '(width < 64rem)';

export function RulePanel({ id, onClose }: { id: string; onClose: () => void }): ReactNode {
  const query = useRule(id);
  const section = useRef<HTMLElement>(null);
  useEffect(() => {
    // On a narrow screen it stands in the place of the list, which had the focus.
    if (matchMedia(NARROW).matches) section.current?.focus({ preventScroll: true });
  }, []);
  return (
    <section
      ref={section}
      tabIndex={-1}
      aria-label="Rule"
      className={classNames(
        'rounded-lg border border-line bg-surface outline-none',
        'lg:max-h-[calc(100dvh-5rem)] lg:overflow-y-auto',
      )}
    >
      <div className="sticky top-2 z-20 flex h-0 justify-end pr-2">
        <IconButton label="Close the rule" onClick={onClose}>
          <CloseIcon />
        </IconButton>
      </div>
      <Content query={query} />
    </section>
  );
}

function Content({ query }: { query: ReturnType<typeof useRule> }): ReactNode {
  const { data, error } = query;
  if (data !== undefined && error?.status !== 401) return <Opened rule={data} />;
  if (error === null) return <LoadingState label="The rule is loading." rows={12} />;
  return (
    <ErrorState error={error} title="The rule could not be loaded" retry={() => query.refetch()} />
  );
}

function Opened({ rule }: { rule: RuleText }): ReactNode {
  return (
    <>
      <div className="px-4 pt-3.5 pb-4">
        <div className="flex flex-wrap items-center gap-2 pr-10 text-xs text-muted">
          <SeverityBadge severity={severityOf(rule.severity)} />
          <code>{plainText(rule.id)}</code>
          {rule.state === 'dormant' ? <Badge tone="gap">dormant</Badge> : <Badge>active</Badge>}
        </div>
        <h2 className="mt-2 pr-6 text-lg leading-snug font-semibold tracking-tight">
          <SafeText text={rule.title} />
        </h2>
        {rule.description === null ? null : (
          <p className="mt-2 text-sm">
            <SafeText text={rule.description} />
          </p>
        )}
      </div>
      <Section title="Alerts">
        <Alerts rule={rule} />
      </Section>
      <Section title="What to do">
        <p className="px-4 pb-4 text-sm">
          <SafeText text={rule.todo} />
        </p>
      </Section>
      <Section title="What else it may be">
        <FalsePositives texts={rule.falsepositives} />
      </Section>
      <Section title="What it needs">
        <div className="px-4 pb-4">
          <Needs rule={rule} />
        </div>
      </Section>
      <Section title="Tags">
        <Tags rule={rule} />
      </Section>
      <Section title={plainText(rule.file)}>
        <RuleFile text={rule.text} />
      </Section>
    </>
  );
}

/** A region that scrolls has to be reachable by keys, and so has a name. */
function RuleFile({ text }: { text: string }): ReactNode {
  return (
    <section
      aria-label="The file"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls
      tabIndex={0}
      className="overflow-x-auto border-t border-line bg-raised px-4 py-3"
    >
      <pre className="text-xs leading-5">{text.split('\n').map(plainText).join('\n')}</pre>
    </section>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }): ReactNode {
  const id = useId();
  return (
    <section aria-labelledby={id} className="border-t border-line">
      <h3 id={id} className="px-4 pt-3 pb-2 text-xs font-medium text-faint">
        {title}
      </h3>
      {children}
    </section>
  );
}

function Alerts({ rule }: { rule: RuleText }): ReactNode {
  const { id, alerts, alerts_24h: recent, last_fired: last, what } = rule;
  return (
    <div className="px-4 pb-4 text-sm">
      <p className="text-muted">
        “<SafeText text={what} />”
      </p>
      <p className="mt-2">
        {last === null ? (
          'It has never fired.'
        ) : (
          <>
            {recent} in the last 24 hours, {alerts} in all, the newest <Age ns={last} />.{' '}
            <Link
              href={paths.alerts({ rule: id })}
              className="text-accent underline-offset-2 hover:underline"
            >
              Its alerts
            </Link>
          </>
        )}
      </p>
    </div>
  );
}

function FalsePositives({ texts }: { texts: string[] }): ReactNode {
  if (texts.length === 0) return <p className="px-4 pb-4 text-sm text-muted">It names none.</p>;
  return (
    <ul className="flex list-disc flex-col gap-1 pr-4 pb-4 pl-8 text-sm">
      {texts.map((text) => (
        <li key={text}>
          <SafeText text={text} />
        </li>
      ))}
    </ul>
  );
}

function Needs({ rule }: { rule: RuleText }): ReactNode {
  const { kinds, vantage, needs, missing, status } = rule;
  return (
    <Facts>
      <Fact name="Looks at">
        <SafeText text={kindWords(kinds)} />
      </Fact>
      <Fact name="Seen by">
        {vantage === null ? 'anyone' : <SafeText text={`${vantage}, or further out`} />}
      </Fact>
      <Fact name="Sources">
        {needs.length === 0 ? 'none in particular' : <SafeText text={groupWords(needs)} />}
      </Fact>
      {missing.length === 0 ? null : (
        <Fact name="Missing">
          <span className="text-gap">
            <SafeText text={groupWords(missing)} />
          </span>{' '}
          <Link href={paths.sources()} className="text-accent underline-offset-2 hover:underline">
            Sources
          </Link>
        </Fact>
      )}
      {status === null ? null : (
        <Fact name="Status">
          <SafeText text={status} />
        </Fact>
      )}
    </Facts>
  );
}

function Tags({ rule: { tags, technique_v18, risk } }: { rule: RuleText }): ReactNode {
  const older = technique_v18.map((id) => `attack-v18.${id.toLowerCase()}`);
  const risks = risk.map((name) => `ase.risk.${name}`);
  const texts = tagTexts([...tags, ...older, ...risks]);
  if (texts.length === 0) return <p className="px-4 pb-4 text-sm text-muted">It names none.</p>;
  return (
    <ul className="flex flex-wrap gap-1.5 px-4 pb-4">
      {texts.map(({ catalogue, name }) => (
        <li key={`${catalogue} ${name}`}>
          <Badge>
            <span className="text-faint">{plainText(catalogue)}</span> {plainText(name)}
          </Badge>
        </li>
      ))}
    </ul>
  );
}
