/** What a session is, on one line or two: always in sight above its timeline. */
'use client';

import type { SessionItem } from '@vitrine/schema/api';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { paths } from '../../lib/paths.ts';
import { dateTimeText, durationText, msOf, utcText } from '../../lib/time.ts';
import { Badge } from '../../ui/badge.tsx';
import { ButtonLink } from '../../ui/button.tsx';
import { classNames } from '../../ui/class-names.ts';
import { AlertIcon } from '../../ui/icons.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { TEXT_LINK } from '../../ui/text-link.tsx';
import { EvidenceButton } from '../proof/evidence-button.tsx';

export function SessionHeader({ item }: { item: SessionItem }): ReactNode {
  return (
    <header className="border-b border-line bg-surface px-4 py-2.5">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <h1 className="min-w-0 text-lg font-semibold tracking-tight">
          <SafeText text={item.session} />
        </h1>
        <State item={item} />
        <div className="ml-auto flex flex-wrap items-center gap-2">
          <Alerts session={item.session} count={item.alerts} />
          {item.alerts === 0 ? null : (
            <ButtonLink href={paths.incident(item.session)}>Incident</ButtonLink>
          )}
          <ButtonLink href={paths.sources(item.session)}>Sources</ButtonLink>
          <EvidenceButton session={item.session} />
        </div>
      </div>
      {/* On a narrow page one line that scrolls: the list needs the room. */}
      <section
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
        tabIndex={0}
        aria-label="About the session"
        className="mt-1.5 overflow-x-auto [scrollbar-width:none] sm:overflow-visible"
      >
        <dl className="flex gap-x-5 gap-y-0.5 text-xs whitespace-nowrap sm:flex-wrap">
          {factsOf(item).map(({ name, value, title }) => (
            <div
              key={name}
              className="flex shrink-0 gap-1.5 sm:min-w-0 sm:shrink"
              {...(title === undefined ? {} : { title })}
            >
              <dt className="shrink-0 text-faint">{name}</dt>
              <dd className="min-w-0 text-muted">{value}</dd>
            </div>
          ))}
        </dl>
      </section>
    </header>
  );
}

function State({ item: { state, reason } }: { item: SessionItem }): ReactNode {
  if (state === 'open') {
    return (
      <Badge
        tone="sealed"
        icon={<span aria-hidden="true" className="size-1.5 rounded-full bg-sealed" />}
      >
        open
      </Badge>
    );
  }
  const why = reason === null ? undefined : (REASONS[reason] ?? undefined);
  return (
    <span className="inline-flex items-center gap-2 text-xs text-muted">
      <Badge>closed</Badge>
      {why ?? (reason === null ? null : <SafeText text={reason} />)}
    </span>
  );
}

/** The reasons of `close` (LOG.md §2). */
const REASONS: Record<string, string> = {
  runtime: 'the sandbox is gone',
  end: 'its source said so',
  idle: 'nothing was heard for an hour',
};

function Alerts({ session, count }: { session: string; count: number }): ReactNode {
  if (count === 0) return <span className="px-1 text-xs text-faint">no alerts</span>;
  return (
    <Link
      href={paths.alerts({ session })}
      className={classNames(
        'inline-flex h-8 items-center gap-1.5 rounded-md bg-high-soft px-2.5',
        'text-sm font-medium text-high',
      )}
    >
      <AlertIcon className="size-3.5" />
      {`${count} alert${count === 1 ? '' : 's'}`}
    </Link>
  );
}

interface Fact {
  name: string;
  value: ReactNode;
  title?: string;
}

function factsOf(item: SessionItem): Fact[] {
  const { user, host, pid, edr, edr_link, runtime, events, chains, opened, closed } = item;
  const length = closed === null ? undefined : durationText(msOf(closed) - msOf(opened));
  const facts: (Fact | undefined)[] = [
    user === null ? undefined : { name: 'user', value: <SafeText text={user} /> },
    host === null ? undefined : { name: 'host', value: <HostText host={host} /> },
    pid === null
      ? undefined
      : {
          name: 'what the host’s EDR sees',
          title:
            'The process on the host that runs this sandbox, and the EDR’s own name of the host',
          value: <EdrText pid={pid} exe={host?.process?.exe} edr={edr} />,
        },
    edr_link === null ? undefined : { name: 'EDR', value: <EdrLink href={edr_link} /> },
    runtime === null ? undefined : { name: 'runtime', value: <SafeText text={runtime} /> },
    { name: 'events', value: <Count of={events} unit={`in ${chains} chains`} /> },
    {
      name: 'opened',
      title: utcText(opened),
      value: `${dateTimeText(opened)}${length === undefined ? '' : `, for ${length}`}`,
    },
  ];
  return facts.filter((fact) => fact !== undefined);
}

function HostText({ host }: { host: NonNullable<SessionItem['host']> }): ReactNode {
  return <SafeText text={[host.name, host.ip].filter((text) => text !== undefined).join(' · ')} />;
}

interface EdrTextProps {
  pid: number;
  exe: string | undefined;
  edr: SessionItem['edr'];
}

function EdrText({ pid, exe, edr }: EdrTextProps): ReactNode {
  const program = exe?.split('/').at(-1);
  const device = edr === null ? '' : `, device ${edr.device_id} (${edr.vendor})`;
  return <SafeText text={`pid ${pid}${program === undefined ? '' : ` ${program}`}${device}`} />;
}

function EdrLink({ href }: { href: string }): ReactNode {
  return (
    <a href={href} target="_blank" rel="noreferrer" className={TEXT_LINK}>
      the host in its console
    </a>
  );
}

function Count({ of, unit }: { of: number; unit: string }): ReactNode {
  return (
    <span className="tabular-nums">
      {of.toLocaleString('en')} {unit}
    </span>
  );
}
