/** The story of an incident: what happened in one session, step by step, each step a record. */
'use client';

import type { StoryAnswer } from '@vitrine/schema/api';
import { type ReactNode, useRef, useState } from 'react';
import { paths } from '../../lib/paths.ts';
import { severityOf } from '../../lib/severity.ts';
import { stepRow, useKeys } from '../../lib/use-keys.ts';
import { AlertStateBadge } from '../../ui/alert-state.tsx';
import { Badge } from '../../ui/badge.tsx';
import { ButtonLink } from '../../ui/button.tsx';
import { Fact, Facts } from '../../ui/facts.tsx';
import { HostFacts } from '../../ui/host-facts.tsx';
import { KeySheet, KeysButton } from '../../ui/key-sheet.tsx';
import { Loaded } from '../../ui/loaded.tsx';
import { PageBody, PageHeader } from '../../ui/page-header.tsx';
import { Panel } from '../../ui/panel.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { SeverityBadge } from '../../ui/severity-badge.tsx';
import { TextLink } from '../../ui/text-link.tsx';
import { Age } from '../../ui/time.tsx';
import { EvidenceButton } from '../proof/evidence-button.tsx';
import { useStory } from './query.ts';
import { StoryStepItem } from './story-step.tsx';

export function StoryPage({ session }: { session: string }): ReactNode {
  const query = useStory(session);
  return (
    <PageBody>
      {query.data === undefined || query.error?.status === 401 ? (
        <PageHeader above={<ToList />} title={<SafeText text={session} />} />
      ) : null}
      <Loaded query={query} what="incident" is rows={12}>
        {(story) => <Story story={story} />}
      </Loaded>
    </PageBody>
  );
}

function ToList(): ReactNode {
  return <TextLink href={paths.incidents()}>Incidents</TextLink>;
}

function Story({ story }: { story: StoryAnswer }): ReactNode {
  const { session, severity, state, alerts, open, steps, more } = story;
  const [showsKeys, setShowsKeys] = useState(false);
  const evidence = useRef<HTMLDivElement>(null);
  useKeys({
    j: () => stepRow(1),
    k: () => stepRow(-1),
    e: () => evidence.current?.querySelector('button')?.click(),
    '?': () => setShowsKeys(true),
  });
  return (
    <>
      <PageHeader
        above={<ToList />}
        title={<SafeText text={session} />}
        description={
          <span className="flex flex-wrap items-center gap-2">
            <SeverityBadge severity={severityOf(severity)} />
            <AlertStateBadge state={state} />
            <span>
              {alerts} {alerts === 1 ? 'alert' : 'alerts'}, {open} open, the last{' '}
              <Age ns={story.last_t} />
            </span>
          </span>
        }
        actions={
          <>
            <KeysButton onOpen={() => setShowsKeys(true)} />
            <ButtonLink href={paths.alerts({ session })}>Alerts</ButtonLink>
            <ButtonLink href={paths.session(session)}>Timeline</ButtonLink>
            <div ref={evidence}>
              <EvidenceButton session={session} />
            </div>
          </>
        }
      />
      <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_320px]">
        <Panel title="What happened" flush>
          <ol aria-label="Steps" className="py-2">
            {steps.map((step, n) => (
              <StoryStepItem key={step.index} step={step} before={steps[n - 1]} session={session} />
            ))}
          </ol>
          {more ? (
            <p className="border-t border-line px-4 py-3 text-sm text-muted">
              These are the first alerts. The list of alerts has the rest.
            </p>
          ) : null}
        </Panel>
        <About story={story} />
      </div>
      {showsKeys ? <KeySheet keys={KEYS} onClose={() => setShowsKeys(false)} /> : null}
    </>
  );
}

const KEYS = [
  ['j', 'next step'],
  ['k', 'previous step'],
  ['Enter', 'the record of it'],
  ['e', 'download the evidence'],
  ['/', 'search'],
  ['?', 'these keys'],
] as const;

function About({ story }: { story: StoryAnswer }): ReactNode {
  const { host, edr_link, risks, techniques, assignees } = story;
  return (
    <Panel title="About it">
      <Facts>
        <HostFacts host={host ?? {}} edrLink={edr_link} />
        <Fact name="Assigned to">
          {assignees.length === 0 ? (
            <span className="text-muted">nobody</span>
          ) : (
            <SafeText text={assignees.join(', ')} />
          )}
        </Fact>
        <Fact name="Risks">
          <Words words={risks.map((risk) => risk.replaceAll('_', ' '))} />
        </Fact>
        <Fact name="Techniques">
          <Words words={techniques} />
        </Fact>
      </Facts>
    </Panel>
  );
}

function Words({ words }: { words: readonly string[] }): ReactNode {
  if (words.length === 0) return <span className="text-muted">none named</span>;
  return (
    <ul className="flex flex-wrap gap-1">
      {words.map((word) => (
        <li key={word}>
          <Badge>
            <SafeText text={word} />
          </Badge>
        </li>
      ))}
    </ul>
  );
}
