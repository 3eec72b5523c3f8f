/** `/s/<session>/approvals`: who approved what in a session. */
import type { Metadata } from 'next';
import { ApprovalsPage } from '../../../../features/approvals/approvals-page.tsx';
import { sessionParam } from '../../../../lib/param.ts';

export const metadata: Metadata = { title: 'Approvals' };

export default async function Page({ params }: { params: Promise<{ session: string }> }) {
  return <ApprovalsPage session={await sessionParam(params)} />;
}
