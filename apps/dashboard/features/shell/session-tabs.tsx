/** The views of one session. What one has in the address stays there while one looks at others. */
'use client';

import Link from 'next/link';
import { usePathname, useSearchParams } from 'next/navigation';
import type { ReactNode } from 'react';
import { paths } from '../../lib/paths.ts';
import { classNames } from '../../ui/class-names.ts';

const VIEWS: [name: string, path: (session: string) => string][] = [
  ['Timeline', (session) => paths.session(session)],
  ['Agents', (session) => paths.agents(session)],
  ['Processes', (session) => paths.processes(session)],
  ['Files', (session) => paths.files(session)],
  ['Egress', (session) => paths.egress(session)],
  ['Approvals', (session) => paths.approvals({ session })],
];

export function SessionTabs({ session }: { session: string }): ReactNode {
  const here = decoded(usePathname());
  const search = useSearchParams().toString();
  return (
    <nav
      aria-label="Views of the session"
      className={classNames(
        'flex shrink-0 overflow-x-auto border-b border-line bg-surface px-2.5 sm:gap-1 sm:px-4',
        '[scrollbar-width:none]',
      )}
    >
      {VIEWS.map(([name, pathOf]) => {
        const path = pathOf(session);
        const isHere = decoded(path) === here;
        return (
          <Link
            key={name}
            href={search === '' ? path : `${path}?${search}`}
            // Their addresses change with every row that is opened: each would be fetched again.
            prefetch={false}
            {...(isHere ? { 'aria-current': 'page' } : {})}
            className={classNames(
              'flex h-9 items-center border-b-2 px-1.5 text-xs font-medium outline-offset-[-2px]',
              'sm:px-2 sm:text-sm',
              isHere ? 'border-accent text-text' : 'border-transparent text-muted hover:text-text',
            )}
          >
            {name}
          </Link>
        );
      })}
    </nav>
  );
}

/** Browsers and Next do not write every character of a path in the same way. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
