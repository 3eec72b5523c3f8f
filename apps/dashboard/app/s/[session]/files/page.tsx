/** `/s/<session>/files`: the files a session touched. */
import type { Metadata } from 'next';
import { FilesPage } from '../../../../features/files/files-page.tsx';
import { sessionParam } from '../../../../lib/param.ts';

export const metadata: Metadata = { title: 'Files' };

export default async function Page({ params }: { params: Promise<{ session: string }> }) {
  return <FilesPage session={await sessionParam(params)} />;
}
