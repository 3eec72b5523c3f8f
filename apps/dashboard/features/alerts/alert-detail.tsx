/** One alert, opened: what happened, what to do, what it stands on, where it was. */
'use client';

import { plainText } from '@vitrine/schema/text';
import Link from 'next/link';
import { type ReactNode, useEffect, useId, useRef } from 'react';
import type { AlertAnswer } from '../../lib/api/types.ts';
import { paths } from '../../lib/paths.ts';
import { tagTexts } from '../../lib/tags.ts';
import { Badge } from '../../ui/badge.tsx';
import { ButtonLink, IconButton } from '../../ui/button.tsx';
import { classNames } from '../../ui/class-names.ts';
import { Fact, Facts } from '../../ui/facts.tsx';
import { HostFacts } from '../../ui/host-facts.tsx';
import { CloseIcon } from '../../ui/icons.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { SeverityBadge } from '../../ui/severity-badge.tsx';
import { ErrorState, LoadingState } from '../../ui/states.tsx';
import { Age } from '../../ui/time.tsx';
import { EvidenceButton } from '../proof/evidence-button.tsx';
import { type Alert, alertOf } from './alert.ts';
import { EvidenceRow } from './evidence-row.tsx';
import { OwnRecord } from './own-record.tsx';
import { useAlert } from './query.ts';
import { type TriageProps, TriageSection } from './triage-section.tsx';

/** Below Tailwind's `lg`. */
const NARROW = '(width < 64rem)';

interface AlertDetailProps extends TriageProps {
  index: number;
  onClose: () => void;
}

export function AlertDetail({ index, onClose, ...triage }: AlertDetailProps): ReactNode {
  const query = useAlert(index);
  const section = useRef<HTMLElement>(null);
  useEffect(() => {
    // On a narrow screen it stands in the place of the list, which had the focus.
    if (matchMedia(NARROW).matches) section.current?.focus({ preventScroll: true });
  }, []);
  return (
    <section
      ref={section}
      tabIndex={-1}
      aria-label="Alert"
      className={classNames(
        'rounded-lg border border-line bg-surface outline-none',
        'lg:max-h-[calc(100dvh-5rem)] lg:overflow-y-auto',
      )}
    >
      <div className="sticky top-2 z-20 flex h-0 justify-end pr-2">
        <IconButton label="Close the alert" onClick={onClose}>
          <CloseIcon />
        </IconButton>
      </div>
      <Content query={query} triage={triage} />
    </section>
  );
}

interface ContentProps {
  query: ReturnType<typeof useAlert>;
  triage: TriageProps;
}

function Content({ query, triage }: ContentProps): ReactNode {
  const { data, error } = query;
  if (data !== undefined && error?.status !== 401) return <Opened answer={data} triage={triage} />;
  if (error === null) return <LoadingState label="The alert is loading." rows={12} />;
  return (
    <ErrorState error={error} title="The alert could not be loaded" retry={() => query.refetch()} />
  );
}

interface OpenedProps {
  answer: AlertAnswer;
  triage: TriageProps;
}

function Opened({ answer, triage }: OpenedProps): ReactNode {
  const alert = alertOf(answer);
  return (
    <>
      <div className="px-4 pt-3.5 pb-4">
        <div className="flex flex-wrap items-center gap-2 pr-10 text-xs text-muted">
          <SeverityBadge severity={alert.severity} />
          <code>{plainText(alert.rule)}</code>
          <Age ns={alert.t} />
        </div>
        <h2 className="mt-2 pr-6 text-lg leading-snug font-semibold tracking-tight">
          <SafeText text={alert.title} />
        </h2>
        <p className="mt-2 text-sm">
          <SafeText text={alert.what} />
        </p>
      </div>
      <Section title="Where it stands">
        <TriageSection answer={answer} {...triage} />
      </Section>
      <Section title="What to do">
        <p className="px-4 pb-4 text-sm">
          <SafeText text={alert.todo} />
        </p>
      </Section>
      <Section
        title={alert.evidence.length === 1 ? 'Evidence' : `Evidence (${alert.evidence.length})`}
      >
        <ul className="border-t border-line">
          {alert.evidence.map((evidence) => (
            <EvidenceRow
              key={`${evidence.log}/${evidence.index}`}
              evidence={evidence}
              subject={alert.subject}
              size={answer.size}
            />
          ))}
        </ul>
        <div className="flex flex-col items-start gap-2 border-t border-line px-4 py-3">
          <ButtonLink href={paths.incident(alert.subject)}>The whole story</ButtonLink>
          <EvidenceButton session={alert.subject} below />
        </div>
      </Section>
      <Section title="Where">
        <div className="px-4 pb-4">
          <Where alert={alert} edrLink={answer.edr_link} />
        </div>
      </Section>
      <Section title="What the rule looked at">
        <div className="px-4 pb-4">
          <Facts>
            {alert.fields.map(([name, value]) => (
              <Fact key={name} name={<SafeText text={name} />}>
                <SafeText text={value} />
              </Fact>
            ))}
          </Facts>
        </div>
      </Section>
      <Section title="Techniques and risks">
        <Tags tags={alert.tags} />
      </Section>
      <Section title="The alert itself is a record">
        <OwnRecord item={answer} size={answer.size} />
      </Section>
    </>
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

function Where({ alert, edrLink }: { alert: Alert; edrLink: string | null }): ReactNode {
  return (
    <Facts>
      <Fact name="Session">
        <Link
          href={paths.session(alert.subject)}
          className="text-accent underline-offset-2 hover:underline"
        >
          <SafeText text={alert.subject} />
        </Link>
      </Fact>
      <Fact name="Seen by">{alert.vantage || 'unknown'}</Fact>
      <HostFacts host={alert.host} edrLink={edrLink} />
    </Facts>
  );
}

function Tags({ tags }: { tags: string[] }): ReactNode {
  if (tags.length === 0)
    return <p className="px-4 pb-4 text-sm text-muted">The rule names none.</p>;
  return (
    <ul className="flex flex-wrap gap-1.5 px-4 pb-4">
      {tagTexts(tags).map(({ catalogue, name }) => (
        <li key={`${catalogue} ${name}`}>
          <Badge>
            <span className="text-faint">{plainText(catalogue)}</span> {plainText(name)}
          </Badge>
        </li>
      ))}
    </ul>
  );
}
