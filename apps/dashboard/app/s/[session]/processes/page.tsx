/** `/s/<session>/processes`: the processes of a session as a tree. */
import type { Metadata } from 'next';
import { ProcessesPage } from '../../../../features/processes/processes-page.tsx';
import { sessionParam } from '../../../../lib/param.ts';

export const metadata: Metadata = { title: 'Processes' };

export default async function Page({ params }: { params: Promise<{ session: string }> }) {
  return <ProcessesPage session={await sessionParam(params)} />;
}
