/** One step of a story: what happened, and the record that says so. */
import type { StoryAlert, StoryStep } from '@vitrine/schema/api';
import type { ReactNode } from 'react';
import { paths } from '../../lib/paths.ts';
import { severityOf } from '../../lib/severity.ts';
import { clockText, dateTimeText, isoOfNs, utcText } from '../../lib/time.ts';
import { ROW } from '../../lib/use-keys.ts';
import { AlertStateBadge } from '../../ui/alert-state.tsx';
import { classNames } from '../../ui/class-names.ts';
import { SafeText } from '../../ui/safe-text.tsx';
import { SeverityBadge } from '../../ui/severity-badge.tsx';
import { TextLink } from '../../ui/text-link.tsx';

interface StoryStepProps {
  step: StoryStep;
  before: StoryStep | undefined;
  session: string;
}

/** A line of its own, high enough for a finger. */
const LINK = 'inline-flex min-h-6 items-center';

export function StoryStepItem({ step, before, session }: StoryStepProps): ReactNode {
  const { alert, says, t, vantage } = step;
  return (
    <li
      className={classNames(
        'grid gap-x-4 gap-y-1 px-4 py-2.5 sm:grid-cols-[8rem_minmax(0,1fr)]',
        alert !== undefined && 'border-l-2 border-critical',
      )}
    >
      <p className="text-xs text-faint tabular-nums sm:pt-0.5">
        <time dateTime={isoOfNs(t)} title={utcText(t)} className="text-muted">
          {before !== undefined && dayOf(before.t) === dayOf(t) ? '' : `${dayOf(t)} `}
          {clockText(t)}
        </time>
        <span className="block">{vantage === '' ? 'the log itself' : `seen by ${vantage}`}</span>
      </p>
      <div className="min-w-0">
        {alert === undefined ? (
          <p className="text-sm">
            <SafeText text={says} />
          </p>
        ) : (
          <AlertText alert={alert} says={says} session={session} />
        )}
        <p className="text-xs">
          <TextLink href={linkOf(step, session)} {...ROW} className={LINK}>
            {alert === undefined ? 'Row' : 'Alert'}, leaf {step.index}
          </TextLink>
        </p>
      </div>
    </li>
  );
}

/** On the reader's clock. */
function dayOf(t: string): string {
  return dateTimeText(t).split(' ')[0]!;
}

function linkOf({ alert, index }: StoryStep, session: string): string {
  if (alert !== undefined) return paths.alerts({ a: index, session });
  return paths.session(session, { e: index, tab: 'proof' });
}

interface AlertTextProps {
  alert: StoryAlert;
  says: string;
  session: string;
}

function AlertText({ alert, says, session }: AlertTextProps): ReactNode {
  const { severity, triage, rule, title, todo, evidence } = alert;
  return (
    <>
      <p className="flex flex-wrap items-center gap-2 text-xs text-muted">
        <SeverityBadge severity={severityOf(severity)} />
        <AlertStateBadge state={triage.state} />
        <TextLink href={paths.rules({ rule })}>
          <code>
            <SafeText text={rule} />
          </code>
        </TextLink>
      </p>
      <h3 className="mt-1 text-sm font-semibold">
        <SafeText text={title} />
      </h3>
      <p className="mt-1 text-sm">
        <SafeText text={says} />
      </p>
      <p className="mt-1 text-sm text-muted">
        To do: <SafeText text={todo} />
      </p>
      <ul aria-label="Evidence" className="mt-1.5 flex flex-col gap-1 text-xs">
        {evidence.map(({ log, index, leaf, row }) => (
          <li key={`${log}/${index}`} className="text-faint">
            <TextLink
              href={paths.session(session, { e: index, tab: 'proof' })}
              {...ROW}
              className={LINK}
            >
              Evidence, leaf {index}
            </TextLink>{' '}
            {row === null ? 'not in this log' : <SafeText text={row.title} />}{' '}
            <code className="[overflow-wrap:anywhere]">{leaf}</code>
          </li>
        ))}
      </ul>
    </>
  );
}
