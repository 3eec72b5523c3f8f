/** The host as the EDR knows it: name, address, device id, and the process that ran the sandbox. */
import type { HostIdentity } from '@vitrine/schema';
import type { ReactNode } from 'react';
import { paths } from '../lib/paths.ts';
import { Fact } from './facts.tsx';
import { SafeText } from './safe-text.tsx';
import { TEXT_LINK, TextLink } from './text-link.tsx';

/** A line of its own, high enough for a finger. */
const LINE = 'flex min-h-6 w-fit items-center';

interface HostFactsProps {
  /** As a record has it: perhaps without a name. */
  host: Partial<HostIdentity>;
  /** Its page in the console of its EDR. */
  edrLink: string | null;
}

export function HostFacts({ host, edrLink }: HostFactsProps): ReactNode {
  const { name, id, ip, os, process, edr } = host;
  return (
    <>
      <Fact name="Host">
        <SafeText text={name ?? 'unknown'} />
        {ip === undefined ? null : (
          <span className="text-muted">
            {' '}
            at <SafeText text={ip} />
          </span>
        )}
      </Fact>
      {id === undefined ? null : (
        <Fact name="Host id">
          <code className="text-xs text-muted [overflow-wrap:anywhere]">
            <SafeText text={id} />
          </code>
        </Fact>
      )}
      {os === undefined ? null : (
        <Fact name="System">
          <SafeText text={os} className="text-muted" />
        </Fact>
      )}
      {process === undefined ? null : (
        <Fact name="Process">
          <TextLink href={paths.search(`${name ?? ''}:${process.pid}`)}>pid {process.pid}</TextLink>
          {process.exe === undefined ? null : (
            <code className="block text-xs text-muted">
              <SafeText text={process.exe} />
            </code>
          )}
        </Fact>
      )}
      <Fact name="EDR device">
        {edr === undefined ? (
          <span className="text-muted">not configured (host.edr)</span>
        ) : (
          <TextLink href={paths.search(edr.device_id)} className={LINE}>
            <SafeText text={`${edr.vendor} ${edr.device_id}`.trim()} />
          </TextLink>
        )}
        {edrLink === null ? null : (
          <a href={edrLink} target="_blank" rel="noreferrer" className={`${LINE} ${TEXT_LINK}`}>
            Open in its console
          </a>
        )}
      </Fact>
    </>
  );
}
