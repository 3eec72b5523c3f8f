/** `/s/<session>/egress`: what left a session, by host and function. */
import type { Metadata } from 'next';
import { EgressPage } from '../../../../features/egress/egress-page.tsx';
import { sessionParam } from '../../../../lib/param.ts';

export const metadata: Metadata = { title: 'Egress' };

export default async function Page({ params }: { params: Promise<{ session: string }> }) {
  return <EgressPage session={await sessionParam(params)} />;
}
