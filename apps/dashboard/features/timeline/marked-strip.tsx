/** What can be done with the rows that are marked together. */
'use client';

import type { ReactNode } from 'react';
import { paths } from '../../lib/paths.ts';
import { withTerm } from '../../lib/query/term.ts';
import { Button } from '../../ui/button.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { rangeText } from './rows/leaf-range.ts';
import type { UrlState } from './use-url.ts';

export function MarkedStrip({ session, url }: { session: string; url: UrlState }): ReactNode {
  const { chosen, choose, filter, setFilter } = url;
  if (chosen === undefined) return null;
  const range = rangeText(chosen);
  return (
    <section
      aria-label="Marked events"
      className="flex flex-wrap items-center gap-2 border-b border-line bg-accent-soft px-4 text-sm"
    >
      <span className="mr-auto tabular-nums">
        {`Leaves ${chosen.first} to ${chosen.last} are marked`}
      </span>
      <CopyButton
        label="Copy link"
        text={() => location.origin + paths.session(session, { range })}
      />
      <Button
        look="quiet"
        className="h-8 px-2 text-xs"
        onClick={() => {
          setFilter({ ...filter, text: withTerm(filter.text, `index:${range}`) });
        }}
      >
        Only these
      </Button>
      <Button look="quiet" className="h-8 px-2 text-xs" onClick={() => choose(undefined)}>
        Clear the marks
      </Button>
    </section>
  );
}
