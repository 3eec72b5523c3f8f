/** What stands where data would: nothing there yet, still coming, or why it did not come. */
'use client';

import { useRouter } from 'next/navigation';
import type { ReactNode } from 'react';
import { asFailure } from '../lib/api/client.ts';
import { paths } from '../lib/paths.ts';
import { Button } from './button.tsx';
import { classNames } from './class-names.ts';
import { CommandLine } from './command-line.tsx';
import { AlertIcon } from './icons.tsx';

interface EmptyStateProps {
  title: string;
  icon?: ReactNode;
  children?: ReactNode;
}

export function EmptyState({ title, icon, children }: EmptyStateProps): ReactNode {
  return (
    <div className="flex flex-col items-center px-6 py-14 text-center">
      {icon === undefined ? null : <div className="mb-3 text-faint">{icon}</div>}
      <h2 className="text-base font-semibold">{title}</h2>
      <div
        className={classNames(
          'mt-1.5 flex max-w-[56ch] flex-col items-center gap-3 text-sm',
          'text-balance text-muted',
        )}
      >
        {children}
      </div>
    </div>
  );
}

/** Grey lines in the place of rows. `label` is read aloud. */
export function LoadingState({ label, rows = 6 }: { label: string; rows?: number }): ReactNode {
  return (
    <div role="status" className="flex flex-col gap-3 p-4">
      <span className="sr-only">{label}</span>
      {Array.from({ length: rows }, (_, i) => i).map((row) => (
        <div key={row} className="skeleton h-4" />
      ))}
    </div>
  );
}

interface ErrorStateProps {
  error: unknown;
  /** What did not work, as a sentence without its end: "The sessions could not be loaded". */
  title: string;
  retry?: () => void;
}

export function ErrorState({ error, title, retry }: ErrorStateProps): ReactNode {
  const failure = asFailure(error);
  if (failure.status === 401) return <SignedOut />;
  return (
    <div role="alert" className="flex flex-col items-center px-6 py-14 text-center">
      <AlertIcon className="mb-3 size-6 text-critical" />
      <h2 className="text-base font-semibold">{title}</h2>
      <p className="mt-1.5 max-w-[64ch] text-sm text-balance text-muted">{failure.message}</p>
      <p className="mt-1 max-w-[64ch] text-sm text-balance text-muted">{failure.hint}</p>
      <p className="mt-3 flex items-center gap-3">
        <code className="text-xs text-faint">{failure.code}</code>
        {retry === undefined ? null : <Button onClick={retry}>Try again</Button>}
      </p>
    </div>
  );
}

/** The API answers nobody without a token: how to get one. */
export function SignedOut(): ReactNode {
  const router = useRouter();
  const goOn = (): void => {
    const { pathname, search } = window.location;
    router.push(paths.login(pathname + search));
  };
  return (
    <div role="alert" className="flex flex-col items-center px-6 py-14 text-center">
      <h2 className="text-base font-semibold">You are signed out</h2>
      <p className="mt-1.5 mb-4 max-w-[56ch] text-sm text-balance text-muted">
        Sign in with a one-time link. On the machine that runs Vitrine, this prints a fresh one:
      </p>
      <CommandLine command="npx --no vitrine login" />
      <Button look="quiet" className="mt-3" onClick={goOn}>
        I have a link
      </Button>
    </div>
  );
}
