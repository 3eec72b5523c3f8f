/** The frame of every page: fonts, colours, header. Rendered per request, for the script nonce. */

import { GeistMono } from 'geist/font/mono';
import { GeistSans } from 'geist/font/sans';
import type { Metadata, Viewport } from 'next';
import { cookies } from 'next/headers';
import type { ReactNode } from 'react';
import { ROLE_COOKIE, SESSION_COOKIE } from '../lib/server/session-cookie.ts';
import { isTheme, THEME_COOKIE } from '../lib/theme.ts';
import { classNames } from '../ui/class-names.ts';
import { Header } from './header.tsx';
import { Providers } from './providers.tsx';
import './globals.css';

export const metadata: Metadata = {
  title: { default: 'Vitrine', template: '%s · Vitrine' },
  description: 'What agents did inside their sandboxes, and the proof of it.',
};

export const viewport: Viewport = { width: 'device-width', initialScale: 1 };

export default async function RootLayout({ children }: { children: ReactNode }) {
  const jar = await cookies();
  const theme = jar.get(THEME_COOKIE)?.value;
  return (
    <html
      lang="en"
      className={`${GeistSans.variable} ${GeistMono.variable}`}
      {...(isTheme(theme) ? { 'data-theme': theme } : {})}
    >
      <body>
        <a
          href="#main"
          className={classNames(
            'sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2',
            'focus:z-50 focus:bg-surface focus:px-3 focus:py-2',
          )}
        >
          Skip to content
        </a>
        <Providers role={jar.get(ROLE_COOKIE)?.value ?? ''}>
          <Header signedIn={jar.has(SESSION_COOKIE)} />
          <main id="main" tabIndex={-1} className="outline-none">
            {children}
          </main>
        </Providers>
      </body>
    </html>
  );
}
