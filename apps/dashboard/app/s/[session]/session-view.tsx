/** Puts the event panel beside the timeline: features do not know each other. */
'use client';

import type { ReactNode } from 'react';
import { EventPanel } from '../../../features/event/event-panel.tsx';
import { SessionTimeline } from '../../../features/timeline/session-timeline.tsx';

export function SessionView({ session }: { session: string }): ReactNode {
  return <SessionTimeline session={session} panel={(opened) => <EventPanel {...opened} />} />;
}
