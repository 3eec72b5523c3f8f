/** `/search?q=`: what a pasted text means. */
import type { Metadata } from 'next';
import { Results } from './results.tsx';

export const metadata: Metadata = { title: 'Search' };

export default function Page() {
  return <Results />;
}
