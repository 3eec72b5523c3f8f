/** Ends the session of this browser. */
'use client';

import { type ReactNode, useState } from 'react';
import { paths } from '../../lib/paths.ts';
import { IconButton } from '../../ui/button.tsx';
import { SignOutIcon } from '../../ui/icons.tsx';

export function SignOutButton(): ReactNode {
  const [busy, setBusy] = useState(false);
  const signOut = async (): Promise<void> => {
    setBusy(true);
    await fetch(paths.loginEnd(), { method: 'POST' }).catch(() => {});
    // A whole new page: nothing that was loaded stays in memory.
    window.location.assign(paths.login());
  };
  return (
    <IconButton label="Sign out" onClick={signOut} aria-disabled={busy}>
      <SignOutIcon />
    </IconButton>
  );
}
