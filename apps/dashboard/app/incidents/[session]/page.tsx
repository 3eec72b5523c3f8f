/** `/incidents/<session>`: what happened in one session, as a story. */
import type { Metadata } from 'next';
import { StoryPage } from '../../../features/incidents/story-page.tsx';
import { sessionParam } from '../../../lib/param.ts';

interface PageProps {
  params: Promise<{ session: string }>;
}

export async function generateMetadata({ params }: PageProps): Promise<Metadata> {
  return { title: `Incident ${await sessionParam(params)}` };
}

export default async function Page({ params }: PageProps) {
  return <StoryPage session={await sessionParam(params)} />;
}
