/** A page that failed while it was drawn: said with its code, and tried again on demand. */
'use client';

import { PageBody } from '../ui/page-header.tsx';
import { ErrorState } from '../ui/states.tsx';

interface FailedProps {
  error: Error;
  reset: () => void;
}

export default function Failed({ error, reset }: FailedProps) {
  return (
    <PageBody>
      <ErrorState error={error} title="This page could not be shown" retry={reset} />
    </PageBody>
  );
}
