/** What stands out: runs of accepts that nobody can have read, and alerts after an accept. */
import type { ApprovedIncident, RubberStampRun } from '@vitrine/schema/api';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { paths } from '../../lib/paths.ts';
import { severityOf } from '../../lib/severity.ts';
import { dateTimeText, durationText, msOf, utcText } from '../../lib/time.ts';
import { countText, NameList } from '../../ui/looked.tsx';
import { Panel } from '../../ui/panel.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { SeverityBadge } from '../../ui/severity-badge.tsx';
import { TextLink } from '../../ui/text-link.tsx';
import { waitText } from './words.ts';

export function RunPanel({ runs, of }: { runs: RubberStampRun[]; of: number }): ReactNode {
  return (
    <Panel title={`Rubber-stamp runs: ${countText(of)}`} flush>
      <p className="px-4 pt-3 text-xs text-muted">
        Ten accepts or more by one person within any two minutes, each in under 1.5 seconds.
      </p>
      <List none="There is none." shown={runs.length} of={of}>
        {runs.map((run) => (
          <Run key={`${run.first.index} ${run.user}`} run={run} />
        ))}
      </List>
    </Panel>
  );
}

function Run({ run: { user, accepts, first, last, p50_ms: p50, tools } }: { run: RubberStampRun }) {
  const lasted = durationText(msOf(last.t) - msOf(first.t));
  return (
    <li className="border-t border-line px-4 py-2.5 text-sm">
      <p>
        <strong className="font-medium">
          {user === '' ? 'Somebody' : <SafeText text={user} />}
        </strong>{' '}
        accepted {countText(accepts)} in {lasted}, at the median after {waitText(p50)}:{' '}
        <NameList {...tools} />
      </p>
      <p className="mt-0.5 flex flex-wrap gap-x-3 text-xs text-muted">
        <time title={utcText(first.t)}>{dateTimeText(first.t)}</time>
        <EventLink at={first}>first accept</EventLink>
        <EventLink at={last}>last accept</EventLink>
        <SessionName of={first.session} />
      </p>
    </li>
  );
}

interface IncidentPanelProps {
  incidents: ApprovedIncident[];
  of: number;
}

export function IncidentPanel({ incidents, of }: IncidentPanelProps): ReactNode {
  return (
    <Panel title={`Approved, then an incident: ${countText(of)}`} flush>
      <p className="px-4 pt-3 text-xs text-muted">
        Alerts of high or critical in a session, within ten minutes after an accept there. It says
        that one followed the other, not that one caused the other.
      </p>
      <List none="There is none." shown={incidents.length} of={of}>
        {incidents.map((incident) => (
          <Incident key={incident.alert.index} incident={incident} />
        ))}
      </List>
    </Panel>
  );
}

function Incident({ incident }: { incident: ApprovedIncident }): ReactNode {
  const { alert, approval, accepts, after_ms: after } = incident;
  return (
    <li className="border-t border-line px-4 py-2.5 text-sm">
      <p>
        <SeverityBadge severity={severityOf(alert.severity)} />{' '}
        <Link href={paths.alerts({ a: alert.index })} className="font-medium hover:underline">
          <SafeText text={`${alert.rule}: ${alert.title}`} />
        </Link>{' '}
        {durationText(after)} after{' '}
        {approval.user === '' ? 'somebody' : <SafeText text={approval.user} />} accepted{' '}
        {approval.tool === '' ? 'something' : <SafeText text={approval.tool} />}
      </p>
      <p className="mt-0.5 flex flex-wrap gap-x-3 text-xs text-muted">
        <time title={utcText(alert.t)}>{dateTimeText(alert.t)}</time>
        <EventLink at={approval}>the accept</EventLink>
        <TextLink href={paths.incident(approval.session)}>the incident</TextLink>
        <SessionName of={approval.session} />
        <span>
          {countText(accepts)} {accepts === 1 ? 'accept' : 'accepts'} in the ten minutes
        </span>
      </p>
    </li>
  );
}

interface ListProps {
  none: string;
  shown: number;
  of: number;
  children: ReactNode;
}

function List({ none, shown, of, children }: ListProps): ReactNode {
  if (of === 0) return <p className="px-4 pt-2 pb-4 text-sm text-muted">{none}</p>;
  return (
    <>
      <ul className="mt-3">{children}</ul>
      {shown < of ? (
        <p className="border-t border-line px-4 py-2 text-xs text-medium">
          the newest {countText(shown)} of {countText(of)}
        </p>
      ) : null}
    </>
  );
}

interface EventLinkProps {
  at: { session: string; index: number };
  children: ReactNode;
}

function EventLink({ at: { session, index }, children }: EventLinkProps): ReactNode {
  return <TextLink href={paths.session(session, { e: index })}>{children}</TextLink>;
}

function SessionName({ of: session }: { of: string }): ReactNode {
  return (
    <TextLink href={paths.approvals({ session })}>
      <SafeText text={session} />
    </TextLink>
  );
}
