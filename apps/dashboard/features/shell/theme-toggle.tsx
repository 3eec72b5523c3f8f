/** Dark or light, kept in this browser. */
'use client';

import { useRouter } from 'next/navigation';
import type { ReactNode } from 'react';
import { isTheme, type Theme, themeCookie } from '../../lib/theme.ts';
import { IconButton } from '../../ui/button.tsx';
import { MoonIcon, SunIcon } from '../../ui/icons.tsx';

export function ThemeToggle(): ReactNode {
  const router = useRouter();
  const toggle = (): void => {
    const next: Theme = shownTheme() === 'dark' ? 'light' : 'dark';
    document.documentElement.dataset.theme = next;
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API needs a secure context
    document.cookie = themeCookie(next);
    router.refresh();
  };
  return (
    <IconButton label="Switch between dark and light" onClick={toggle}>
      <SunIcon className="size-4 theme-light:hidden" />
      <MoonIcon className="hidden size-4 theme-light:block" />
    </IconButton>
  );
}

function shownTheme(): Theme {
  const { theme } = document.documentElement.dataset;
  if (isTheme(theme)) return theme;
  return matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark';
}
