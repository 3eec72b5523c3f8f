/** The views of one session, above whichever is open. */
import { type ReactNode, Suspense } from 'react';
import { SessionTabs } from '../../../features/shell/session-tabs.tsx';
import { sessionParam } from '../../../lib/param.ts';

interface LayoutProps {
  params: Promise<{ session: string }>;
  children: ReactNode;
}

export default async function Layout({ params, children }: LayoutProps) {
  const session = await sessionParam(params);
  return (
    <div className="flex h-full flex-col">
      <Suspense fallback={<div className="h-[37px] border-b border-line bg-surface" />}>
        <SessionTabs session={session} />
      </Suspense>
      <div className="min-h-0 flex-1">{children}</div>
    </div>
  );
}
