/** `/s/<session>`: the timeline of one session and the event that is opened in it. */
import type { Metadata } from 'next';
import { SessionView } from './session-view.tsx';

interface PageProps {
  params: Promise<{ session: string }>;
}

export async function generateMetadata({ params }: PageProps): Promise<Metadata> {
  return { title: await nameOf(params) };
}

export default async function SessionPage({ params }: PageProps) {
  return <SessionView session={await nameOf(params)} />;
}

async function nameOf(params: PageProps['params']): Promise<string> {
  const { session } = await params;
  try {
    return decodeURIComponent(session);
  } catch {
    return session;
  }
}
