/** `/search?q=`: what a pasted text means. */
'use client';

import { SearchPage } from '../../features/search/search-page.tsx';
import { SessionList } from '../../features/sessions/session-list.tsx';

export default function Page() {
  return <SearchPage Sessions={SessionList} />;
}
