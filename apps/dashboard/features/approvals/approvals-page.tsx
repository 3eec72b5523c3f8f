/** Who approved what, how fast, and what came after; of all sessions or of one. */
'use client';

import type { ApprovalsAnswer } from '@vitrine/schema/api';
import { useQueryStates } from 'nuqs';
import { type ReactNode, Suspense } from 'react';
import { APPROVAL_SPANS, approvalKeys } from '../../lib/url-state.ts';
import { Box } from '../../ui/box.tsx';
import { Button } from '../../ui/button.tsx';
import { CommandLine } from '../../ui/command-line.tsx';
import { FilterChoice, Filters, FilterText } from '../../ui/filter-fields.tsx';
import { Loaded } from '../../ui/loaded.tsx';
import { Shown } from '../../ui/looked.tsx';
import { PageBody, PageHeader } from '../../ui/page-header.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { EmptyState, ErrorState, LoadingState } from '../../ui/states.tsx';
import { IncidentPanel, RunPanel } from './findings.tsx';
import { type ApprovalsQuery, useApprovals, useSession } from './query.ts';
import { UserTable } from './user-table.tsx';
import { percentText, USUAL_RATIO } from './words.ts';

const SPAN_NAMES = {
  '24h': 'the last 24 hours',
  '7d': 'the last 7 days',
  '30d': 'the last 30 days',
};

export function ApprovalsPage({ session }: { session?: string }): ReactNode {
  return (
    <PageBody>
      <PageHeader
        title="Approvals"
        description={
          <>
            Who let agents do what{session === undefined ? '' : ' in '}
            {session === undefined ? null : <SafeText text={session} />}, how fast, and what came
            after. Agents themselves tell of decisions: nobody else saw them.
          </>
        }
      />
      <Suspense fallback={<LoadingState label="The approvals are loading." />}>
        <Approvals session={session} />
      </Suspense>
    </PageBody>
  );
}

function Approvals({ session }: { session: string | undefined }): ReactNode {
  const [state, setState] = useQueryStates(approvalKeys, { history: 'push' });
  const query = useApprovals(session, state);
  const { user, tool, since } = state;
  const isNarrowed = user !== '' || tool !== '' || since !== null;
  return (
    <>
      <Filters>
        <FilterText
          label="User, exactly"
          text={user}
          onText={(next) => void setState({ user: next })}
        />
        <FilterText
          label="Tool, exactly"
          text={tool}
          onText={(next) => void setState({ tool: next })}
        />
        <FilterChoice
          label="How far back"
          all="all the time"
          value={since}
          choices={APPROVAL_SPANS.map((span) => [span, SPAN_NAMES[span]] as const)}
          onChoose={(next) => void setState({ since: next })}
        />
      </Filters>
      <Body
        session={session}
        query={query}
        {...(isNarrowed
          ? { onClear: () => void setState({ user: '', tool: '', since: null }) }
          : {})}
      />
    </>
  );
}

interface BodyProps {
  session: string | undefined;
  query: ApprovalsQuery;
  onClear?: () => void;
}

function Body({ session, query, onClear }: BodyProps): ReactNode {
  return (
    <Loaded query={query} what="approvals">
      {(answer) => {
        if (answer.users.length > 0) return <Board session={session} answer={answer} />;
        if (onClear === undefined) return <NoDecision session={session} />;
        return (
          <Box>
            <EmptyState title="No decision matches">
              <p>There is none with these choices.</p>
              <Button onClick={onClear}>Show all decisions</Button>
            </EmptyState>
          </Box>
        );
      }}
    </Loaded>
  );
}

interface BoardProps {
  session: string | undefined;
  answer: ApprovalsAnswer;
}

function Board({ session, answer }: BoardProps): ReactNode {
  const { users, users_of: of, looked, runs, incidents } = answer;
  const what = of === 1 ? 'user' : 'users';
  return (
    <>
      <Shown shown={users.length} of={of} what={what} looked={looked} which="newest" />
      <UserTable session={session} users={users} />
      <p className="mt-2 mb-5 text-xs text-muted">
        The line at {percentText(USUAL_RATIO)} is what users accept on the whole, by the write-up on
        containment that Vitrine comes from: no target and no limit. Decisions by a person count;
        those by rules and hooks are told beside them. The time is what the decision or the agent’s
        span states, or what passed since its request.
      </p>
      <div className="grid gap-4 xl:grid-cols-2">
        <RunPanel runs={runs} of={answer.runs_of} />
        <IncidentPanel incidents={incidents} of={answer.incidents_of} />
      </div>
    </>
  );
}

/** Says which source is missing, as far as that is known. */
function NoDecision({ session }: { session: string | undefined }): ReactNode {
  const { data, error, refetch } = useSession(session);
  if (error?.status === 404) {
    return (
      <Box>
        <ErrorState error={error} title="The approvals could not be loaded" retry={refetch} />
      </Box>
    );
  }
  return (
    <Box>
      <EmptyState title="No decision is told of">
        <p>
          {data?.vantages.includes('agent') === false
            ? 'Nothing in this session was told by an agent: its hooks or its telemetry are not ' +
              'connected, and nobody else sees decisions.'
            : 'Decisions come from an agent’s own telemetry (Claude Code: tool_decision) and ' +
              'from its hooks (PermissionRequest). No such event came.'}
        </p>
        <CommandLine command="npx --no vitrine shim claude-code --print-settings" />
      </EmptyState>
    </Box>
  );
}
