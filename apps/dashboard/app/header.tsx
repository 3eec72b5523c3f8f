/** The bar on top of every page: where one is, what to look for, how the connection is. */
'use client';

import Link from 'next/link';
import { usePathname } from 'next/navigation';
import type { ReactNode } from 'react';
import { SignOutButton } from '../features/login/sign-out-button.tsx';
import { SearchBox } from '../features/search/search-box.tsx';
import { ConnectionMark } from '../features/shell/connection-mark.tsx';
import { Places } from '../features/shell/places.tsx';
import { ThemeToggle } from '../features/shell/theme-toggle.tsx';
import { paths } from '../lib/paths.ts';
import { ProductMark } from '../ui/product-mark.tsx';

export function Header({ signedIn }: { signedIn: boolean }): ReactNode {
  const pathname = usePathname();
  const isLogin = pathname === paths.login();
  return (
    <header className="sticky top-0 z-30 border-b border-line bg-surface">
      {/* Two lines on a narrow screen: no place is out of sight there. */}
      <div className="flex flex-wrap items-center gap-x-3 px-4 sm:px-6 lg:gap-x-4">
        <Link
          href={paths.sessions()}
          className="flex h-12 items-center gap-2 text-[15px] font-semibold tracking-tight"
        >
          <ProductMark />
          <span className="max-lg:sr-only">Vitrine</span>
        </Link>
        {isLogin ? null : <Places pathname={pathname} />}
        <div className="min-w-0 flex-1 lg:ml-auto lg:max-w-80">
          {isLogin ? null : <SearchBox slashKey={!pathname.startsWith('/s/')} />}
        </div>
        <div className="flex h-12 items-center gap-1">
          <ConnectionMark />
          <ThemeToggle />
          {signedIn ? <SignOutButton /> : null}
        </div>
      </div>
    </header>
  );
}
