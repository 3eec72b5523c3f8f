/** The bar on top of every page: where one is, what to look for, how the connection is. */
'use client';

import Link from 'next/link';
import { usePathname } from 'next/navigation';
import type { ReactNode } from 'react';
import { paths } from '../../lib/paths.ts';
import { classNames } from '../../ui/class-names.ts';
import { SignOutButton } from '../login/sign-out-button.tsx';
import { SearchBox } from '../search/search-box.tsx';
import { ConnectionMark } from './connection-mark.tsx';
import { ProductMark } from './product-mark.tsx';
import { ThemeToggle } from './theme-toggle.tsx';

export function AppHeader({ signedIn }: { signedIn: boolean }): ReactNode {
  const pathname = usePathname();
  const inSession = pathname.startsWith('/s/');
  const isLogin = pathname === '/login';
  return (
    <header className="sticky top-0 z-30 border-b border-line bg-surface">
      <div className="flex min-h-12 flex-wrap items-center gap-x-4 px-4 sm:px-6">
        <Link
          href={paths.sessions()}
          className="flex h-12 items-center gap-2 text-[15px] font-semibold tracking-tight"
        >
          <ProductMark />
          <span>Vitrine</span>
        </Link>
        {isLogin ? null : (
          <nav aria-label="Main" className="flex h-12 items-center gap-1">
            <Place href={paths.sessions()} here={pathname === '/' || inSession}>
              Sessions
            </Place>
            <Place href={paths.alerts()} here={pathname === '/alerts'}>
              Alerts
            </Place>
          </nav>
        )}
        <div className="order-last w-full pb-2 sm:order-none sm:ml-auto sm:w-auto sm:pb-0">
          {isLogin ? null : <SearchBox slashKey={!inSession} />}
        </div>
        <div className="ml-auto flex h-12 items-center gap-1 sm:ml-0">
          <ConnectionMark />
          <ThemeToggle />
          {signedIn ? <SignOutButton /> : null}
        </div>
      </div>
    </header>
  );
}

function Place({
  href,
  here,
  children,
}: {
  href: string;
  here: boolean;
  children: ReactNode;
}): ReactNode {
  return (
    <Link
      href={href}
      {...(here ? { 'aria-current': 'page' } : {})}
      className={classNames(
        'flex h-8 items-center rounded-md px-2.5 text-sm font-medium',
        here ? 'bg-raised text-text' : 'text-muted hover:text-text',
      )}
    >
      {children}
    </Link>
  );
}
