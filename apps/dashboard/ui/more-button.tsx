/** Under a list that has more pages: fetches the next one. */
import type { ReactNode } from 'react';
import { Button } from './button.tsx';

interface MoreButtonProps {
  query: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown };
  /** What comes: `Older alerts`. */
  what: string;
}

export function MoreButton({ query, what }: MoreButtonProps): ReactNode {
  if (!query.hasNextPage) return null;
  return (
    <div className="flex justify-center pt-4">
      <Button
        onClick={() => query.fetchNextPage()}
        disabledReason={query.isFetchingNextPage ? `${what} are loading` : undefined}
      >
        {query.isFetchingNextPage ? 'Loading …' : what}
      </Button>
    </div>
  );
}
