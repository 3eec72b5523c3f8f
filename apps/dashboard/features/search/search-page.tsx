/** `/search?q=`: answers "what is this opaque process?", and what else can be pasted. */
'use client';

import type { SessionItem } from '@vitrine/schema/api';
import { useRouter } from 'next/navigation';
import { useQueryStates } from 'nuqs';
import { type ReactNode, Suspense, useRef } from 'react';
import { paths } from '../../lib/paths.ts';
import { valuesIn } from '../../lib/query/values.ts';
import { searchKeys } from '../../lib/url-state.ts';
import { Box } from '../../ui/box.tsx';
import { classNames } from '../../ui/class-names.ts';
import { SearchIcon } from '../../ui/icons.tsx';
import { PageBody, PageHeader } from '../../ui/page-header.tsx';
import { Panel } from '../../ui/panel.tsx';
import { QueryInput } from '../../ui/query-input.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { EmptyState, ErrorState, LoadingState } from '../../ui/states.tsx';
import { EventHits } from './event-hits.tsx';
import { EventSearchPanel } from './event-search.tsx';
import { type Found, useFound } from './query.ts';
import { useEvents } from './use-events.ts';
import { lookedFor, readingTitle } from './words.ts';

/** Shows sessions as the list of sessions does. */
export type SessionsView = (props: { items: SessionItem[] }) => ReactNode;

export function SearchPage({ Sessions }: { Sessions: SessionsView }): ReactNode {
  return (
    <PageBody>
      <Suspense fallback={<LoadingState label="Looking." rows={3} />}>
        <Results Sessions={Sessions} />
      </Suspense>
    </PageBody>
  );
}

function Results({ Sessions }: { Sessions: SessionsView }): ReactNode {
  const [{ q }] = useQueryStates(searchKeys);
  if (q.trim() === '') return <HowToAsk />;
  return (
    <>
      <PageHeader
        title="Search"
        description={
          <>
            for <SafeText text={q} className="font-medium text-text" />
          </>
        }
      />
      <QueryBox q={q} />
      <Answers q={q} Sessions={Sessions} />
    </>
  );
}

/** The text again, to be narrowed with the names of fields at hand. */
function QueryBox({ q }: { q: string }): ReactNode {
  const router = useRouter();
  const input = useRef<HTMLInputElement>(null);
  return (
    <div className="mb-4 flex">
      <QueryInput
        label="Query for events of all sessions"
        placeholder="kind:file.* path:/etc/* time>now-1h, or any text"
        query={q}
        input={input}
        faults={false}
        valuesOf={(field) => valuesIn([], field)}
        onQuery={(text) => router.push(paths.search(text))}
        onLeave={() => input.current?.blur()}
      />
    </div>
  );
}

function Answers({ q, Sessions }: { q: string; Sessions: SessionsView }): ReactNode {
  const { data, error, refetch } = useFound(q);
  const search = useEvents(q);
  if (error !== null && (data === undefined || error.status === 401)) {
    return (
      <Box>
        <ErrorState error={error} title="The search failed" retry={() => refetch()} />
      </Box>
    );
  }
  if (data === undefined) {
    return (
      <Box>
        <LoadingState label="Looking." rows={3} />
      </Box>
    );
  }
  const hits = data.filter(({ sessions, events }) => sessions.length + events.length > 0);
  const hasEvents = search.data?.pages.some(({ items }) => items.length > 0) ?? false;
  const isNothing = hits.length === 0 && data.length > 0 && !hasEvents && !search.isLoading;
  return (
    <div className="flex flex-col gap-4">
      {hits.map((found) => (
        <Hit key={found.reading.kind} found={found} Sessions={Sessions} />
      ))}
      <EventSearchPanel q={q} search={search} />
      {/* Last: it comes when the events have been looked through, and moves nothing. */}
      {isNothing ? <NoMatch found={data} /> : null}
    </div>
  );
}

function Hit({ found, Sessions }: { found: Found; Sessions: SessionsView }): ReactNode {
  const { reading, sessions, events, more } = found;
  return (
    <Panel flush title={<SafeText text={readingTitle(reading)} />} className="overflow-hidden">
      {sessions.length > 0 ? <Sessions items={sessions} /> : null}
      {events.length > 0 ? <EventHits items={events} /> : null}
      {more ? (
        <p className="border-t border-line px-4 py-2 text-xs text-muted">
          The newest ones are shown; there are more.
        </p>
      ) : null}
    </Panel>
  );
}

function NoMatch({ found }: { found: Found[] }): ReactNode {
  return (
    <Box role="status">
      <EmptyState title="Nothing matches" icon={<SearchIcon className="size-8" />}>
        <p>Vitrine knows no such thing. It looked for</p>
        <ul className="list-disc pl-5 text-left">
          {found.map(({ reading }) => (
            <li key={reading.kind}>
              <SafeText text={lookedFor(reading)} />
            </li>
          ))}
        </ul>
        <p>
          A process that runs no sandbox of Vitrine is not known here, nor is one inside a sandbox:
          those have their own numbers, which the session’s timeline shows.
        </p>
      </EmptyState>
    </Box>
  );
}

const FORMS: [example: string, meaning: string][] = [
  ['laptop-17:4711', 'a process on a host, as the EDR shows it: which sandbox does it run?'],
  ['4711', 'the same without the host'],
  ['laptop-17', 'a host, by name, address or id'],
  ['6f1c9a2e…', 'an EDR device id'],
  ['foreign-key-5cb851', 'a session'],
  ['default.0.1/239', 'a leaf of a log'],
  ['2PhPhvyuzvMkj…I242U=', 'a leaf hash, base64 or hex'],
  ['EGR-001', 'a rule: its alerts'],
  ['kind:file.* path:/etc/*', 'a query: the events of all sessions that it finds'],
  ['"rm -rf" time>now-1h', 'a text, in a time'],
];

function HowToAsk(): ReactNode {
  return (
    <>
      <PageHeader
        title="Search"
        description="Paste what you have, or ask for events; the box recognises it."
      />
      <QueryBox q="" />
      <Panel title="What can be pasted" flush>
        <dl className="text-sm">
          {FORMS.map(([example, meaning]) => (
            <div
              key={example}
              className={classNames(
                'grid gap-x-6 border-b border-line px-4 py-2.5 last:border-b-0',
                'sm:grid-cols-[220px_1fr]',
              )}
            >
              <dt>
                <code className="text-sm">{example}</code>
              </dt>
              <dd className="text-muted">{meaning}</dd>
            </div>
          ))}
        </dl>
      </Panel>
    </>
  );
}
