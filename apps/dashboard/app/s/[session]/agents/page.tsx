/** `/s/<session>/agents`: prompts, tool calls and subagents as a tree. */
import type { Metadata } from 'next';
import { AgentsPage } from '../../../../features/agents/agents-page.tsx';
import { sessionParam } from '../../../../lib/param.ts';

export const metadata: Metadata = { title: 'Agents' };

export default async function Page({ params }: { params: Promise<{ session: string }> }) {
  return <AgentsPage session={await sessionParam(params)} />;
}
