/** The answers of the search, with sessions shown as the list of sessions shows them. */
'use client';

import { SearchPage } from '../../features/search/search-page.tsx';
import { SessionList } from '../../features/sessions/session-list.tsx';

export function Results() {
  return <SearchPage Sessions={SessionList} />;
}
