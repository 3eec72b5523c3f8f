/** `/s/<session>`: the timeline of one session and the event that is opened in it. */
import type { Metadata } from 'next';
import { sessionParam } from '../../../lib/param.ts';
import { SessionView } from './session-view.tsx';

interface PageProps {
  params: Promise<{ session: string }>;
}

export async function generateMetadata({ params }: PageProps): Promise<Metadata> {
  return { title: await sessionParam(params) };
}

export default async function SessionPage({ params }: PageProps) {
  return <SessionView session={await sessionParam(params)} />;
}
