/** One alert, opened: what happened, what to do, what it stands on, where it was. */
'use client';

import type { AlertAnswer } from '@vitrine/schema/api';
import { plainText } from '@vitrine/schema/text';
import type { ReactNode } from 'react';
import { paths } from '../../lib/paths.ts';
import { ButtonLink } from '../../ui/button.tsx';
import { Fact, Facts } from '../../ui/facts.tsx';
import { HostFacts } from '../../ui/host-facts.tsx';
import { Loaded } from '../../ui/loaded.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { SeverityBadge } from '../../ui/severity-badge.tsx';
import { SidePanel, SideSection } from '../../ui/side-panel.tsx';
import { TagList } from '../../ui/tag-list.tsx';
import { TextLink } from '../../ui/text-link.tsx';
import { Age } from '../../ui/time.tsx';
import { EvidenceButton } from '../proof/evidence-button.tsx';
import { type Alert, alertOf } from './alert.ts';
import { EvidenceRow } from './evidence-row.tsx';
import { OwnRecord } from './own-record.tsx';
import { useAlert } from './query.ts';
import { type TriageProps, TriageSection } from './triage-section.tsx';

interface AlertDetailProps extends TriageProps {
  index: number;
  onClose: () => void;
}

export function AlertDetail({ index, onClose, ...triage }: AlertDetailProps): ReactNode {
  const query = useAlert(index);
  return (
    <SidePanel name="Alert" onClose={onClose}>
      <Loaded query={query} what="alert" is rows={12}>
        {(answer) => <Opened answer={answer} triage={triage} />}
      </Loaded>
    </SidePanel>
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
          <TextLink href={paths.rules({ rule: alert.rule })}>
            <code>{plainText(alert.rule)}</code>
            <span className="sr-only">: the rule</span>
          </TextLink>
          <Age ns={alert.t} />
        </div>
        <h2 className="mt-2 pr-6 text-lg leading-snug font-semibold tracking-tight">
          <SafeText text={alert.title} />
        </h2>
        <p className="mt-2 text-sm">
          <SafeText text={alert.what} />
        </p>
      </div>
      <SideSection title="Where it stands">
        <TriageSection answer={answer} {...triage} />
      </SideSection>
      <SideSection title="What to do">
        <p className="px-4 pb-4 text-sm">
          <SafeText text={alert.todo} />
        </p>
      </SideSection>
      <EvidenceSection alert={alert} size={answer.size} />
      <SideSection title="Where">
        <div className="px-4 pb-4">
          <Where alert={alert} edrLink={answer.edr_link} />
        </div>
      </SideSection>
      <SideSection title="What the rule looked at">
        <div className="px-4 pb-4">
          <Facts>
            {alert.fields.map(([name, value]) => (
              <Fact key={name} name={<SafeText text={name} />}>
                <SafeText text={value} />
              </Fact>
            ))}
          </Facts>
        </div>
      </SideSection>
      <SideSection title="Techniques and risks">
        <div className="px-4 pb-4">
          <TagList tags={alert.tags} />
        </div>
      </SideSection>
      <SideSection title="The alert itself is a record">
        <OwnRecord item={answer} size={answer.size} />
      </SideSection>
    </>
  );
}

function EvidenceSection({ alert, size }: { alert: Alert; size: number }): ReactNode {
  return (
    <SideSection
      title={alert.evidence.length === 1 ? 'Evidence' : `Evidence (${alert.evidence.length})`}
    >
      <ul className="border-t border-line">
        {alert.evidence.map((evidence) => (
          <EvidenceRow
            key={`${evidence.log}/${evidence.index}`}
            evidence={evidence}
            subject={alert.subject}
            size={size}
          />
        ))}
      </ul>
      <div className="flex flex-wrap gap-2 border-t border-line px-4 py-3">
        <ButtonLink href={paths.incident(alert.subject)}>The whole story</ButtonLink>
        <EvidenceButton session={alert.subject} below />
      </div>
    </SideSection>
  );
}

function Where({ alert, edrLink }: { alert: Alert; edrLink: string | null }): ReactNode {
  return (
    <Facts>
      <Fact name="Session">
        <TextLink href={paths.session(alert.subject)}>
          <SafeText text={alert.subject} />
        </TextLink>
      </Fact>
      <Fact name="Seen by">{alert.vantage || 'unknown'}</Fact>
      <HostFacts host={alert.host} edrLink={edrLink} />
    </Facts>
  );
}
