/** `/incidents/<session>`: what happened in one session, as a story. */
import type { Metadata } from 'next';
import { StoryPage } from '../../../features/incidents/story-page.tsx';

interface PageProps {
  params: Promise<{ session: string }>;
}

export async function generateMetadata({ params }: PageProps): Promise<Metadata> {
  return { title: `Incident ${await nameOf(params)}` };
}

export default async function Page({ params }: PageProps) {
  return <StoryPage session={await nameOf(params)} />;
}

async function nameOf(params: PageProps['params']): Promise<string> {
  const { session } = await params;
  try {
    return decodeURIComponent(session);
  } catch {
    return session;
  }
}
