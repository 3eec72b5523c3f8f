/** The process an event belongs to, and the processes above it as far as the session tells. */
'use client';

import type { EventItem } from '@vitrine/schema/api';
import { isObject, type JsonObject } from '@vitrine/schema/record';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { paths } from '../../lib/paths.ts';
import { SafeText } from '../../ui/safe-text.tsx';
import { EmptyState, ErrorState, LoadingState } from '../../ui/states.tsx';
import type { Ancestor, Ancestry } from './ancestors.ts';
import { flatten } from './flatten.ts';
import { useAncestry } from './queries.ts';

export function ProcessTab({ item }: { item: EventItem }): ReactNode {
  const { process } = item.record;
  if (!isObject(process)) {
    return (
      <EmptyState title="No process">
        The source of this event does not say which process it was.
      </EmptyState>
    );
  }
  return (
    <div className="flex flex-col gap-5">
      <OwnProcess process={process} />
      <Ancestors item={item} />
    </div>
  );
}

function OwnProcess({ process }: { process: JsonObject }): ReactNode {
  return (
    <dl className="grid grid-cols-[minmax(72px,auto)_1fr] gap-x-4 gap-y-1.5 font-mono text-xs">
      {flatten(process).map(({ name, value }) => (
        <div key={name} className="contents">
          <dt className="text-faint">
            <SafeText text={name} />
          </dt>
          <dd>
            <SafeText text={value} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Ancestors({ item }: { item: EventItem }): ReactNode {
  const { data, error, refetch } = useAncestry(item);
  if (error !== null) {
    const retry = (): void => void refetch();
    return <ErrorState error={error} title="The parents could not be looked up" retry={retry} />;
  }
  if (data === undefined) return <LoadingState label="Looking up the parents" rows={3} />;
  if (data === null) return null;
  return (
    <section aria-labelledby="ancestors">
      <h3 id="ancestors" className="mb-2 text-sm font-semibold">
        Where it comes from
      </h3>
      <ol className="flex flex-col">
        {[...data.chain].reverse().map((ancestor, depth) => (
          <li
            key={ancestor.pid}
            className="flex min-h-7 items-center"
            style={{ paddingLeft: depth * 14 }}
          >
            <span aria-hidden="true" className="mr-2 text-faint">
              {depth === 0 ? '' : '└'}
            </span>
            <Line
              ancestor={ancestor}
              session={item.session}
              isOwn={depth === data.chain.length - 1}
            />
          </li>
        ))}
      </ol>
      <p className="mt-2 text-xs text-faint">{END_WORDS[data.end]}</p>
    </section>
  );
}

const END_WORDS: Record<Ancestry['end'], string> = {
  'no parent is named': 'The record of the topmost process names no parent.',
  'the parent was not seen to start':
    'The topmost process was not seen to start: it is the sandbox’s own, or was there before.',
  'too deep': 'There are more above; the search ends here.',
  'a circle': 'The numbers lead back to themselves: the system used one again.',
};

interface LineProps {
  ancestor: Ancestor;
  session: string;
  isOwn: boolean;
}

function Line({ ancestor: { pid, exec }, session, isOwn }: LineProps): ReactNode {
  const program = exec?.title.replace(/^process\.exec /, '') ?? 'not seen to start';
  const look = exec === undefined ? 'text-faint' : isOwn ? 'font-semibold' : '';
  return (
    <span className={`min-w-0 truncate text-sm ${look}`}>
      {exec === undefined ? (
        program
      ) : (
        <Link
          href={paths.session(session, { e: exec.index, tab: 'process' })}
          className="underline-offset-2 hover:underline"
        >
          <SafeText text={program} />
        </Link>
      )}
      <span className="ml-2 font-mono text-xs font-normal text-faint">{pid}</span>
    </span>
  );
}
