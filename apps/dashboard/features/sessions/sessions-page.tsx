/** The sessions, newest first. */
'use client';

import type { ReactNode } from 'react';
import { PageBody, PageHeader } from '../../ui/page-header.tsx';

export function SessionsPage(): ReactNode {
  return (
    <PageBody>
      <PageHeader title="Sessions" />
    </PageBody>
  );
}
