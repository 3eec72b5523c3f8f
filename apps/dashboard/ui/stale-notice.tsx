/** Above data that could not be renewed: what is shown is old, and why. */
'use client';

import type { ReactNode } from 'react';
import { asFailure } from '../lib/api/client.ts';
import { Button } from './button.tsx';
import { classNames } from './class-names.ts';
import { AlertIcon } from './icons.tsx';

export function StaleNotice({ error, retry }: { error: unknown; retry: () => void }): ReactNode {
  const { code, message, hint } = asFailure(error);
  return (
    <div
      role="alert"
      className={classNames(
        'mb-3 flex flex-wrap items-center gap-x-3 gap-y-2 rounded-md border',
        'border-line bg-high-soft px-3 py-2 text-sm',
      )}
    >
      <AlertIcon className="size-4 text-high" />
      <p className="min-w-0 flex-1 basis-60">
        <strong className="font-medium text-high">Not up to date.</strong> {message} {hint}{' '}
        <code className="text-xs text-muted">{code}</code>
      </p>
      <Button onClick={retry}>Try again</Button>
    </div>
  );
}
