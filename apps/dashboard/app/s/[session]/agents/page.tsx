/** `/s/<session>/agents`: prompts, tool calls and subagents as a tree. */
import type { Metadata } from 'next';
import { AgentsPage } from '../../../../features/agents/agents-page.tsx';

export const metadata: Metadata = { title: 'Agents' };

export default async function Page({ params }: { params: Promise<{ session: string }> }) {
  const { session } = await params;
  return <AgentsPage session={decoded(session)} />;
}

function decoded(session: string): string {
  try {
    return decodeURIComponent(session);
  } catch {
    return session;
  }
}
