/** `/sources`: who is heard from each sandbox, and what that lets one see. */
import type { Metadata } from 'next';
import { SourcesPage } from '../../features/sources/sources-page.tsx';

export const metadata: Metadata = { title: 'Sources' };

export default function Page() {
  return <SourcesPage />;
}
