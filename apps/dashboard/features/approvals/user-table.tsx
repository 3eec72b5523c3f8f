/** Users, each with their tools below when opened, and the ratio of accepts as a bar. */
'use client';

import type { ApprovalFigures, ToolApprovals, UserApprovals } from '@vitrine/schema/api';
import Link from 'next/link';
import { Fragment, type ReactNode, useState } from 'react';
import { paths } from '../../lib/paths.ts';
import { classNames } from '../../ui/class-names.ts';
import { ChevronRightIcon } from '../../ui/icons.tsx';
import { Count, countText } from '../../ui/looked.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { Cell, type Column, Heads, Row, Table } from '../../ui/table.tsx';
import { Age } from '../../ui/time.tsx';
import { RatioBar } from './ratio-bar.tsx';
import { rateText, shareText, waitText } from './words.ts';

/** What matters first: on a narrow page the rest is behind its edge, and scrolls. */
const HEADS: Column[] = [
  ['User, tool', 'w-[128px] sm:w-auto'],
  ['By a person', 'w-[72px] sm:w-[92px]', 'end'],
  ['Accepted', 'w-[88px] sm:w-[212px]'],
  ['Median', 'w-[72px] sm:w-[80px]', 'end'],
  ['Under 1.5 s', 'w-[92px]', 'end'],
  ['p95', 'w-[80px]', 'end'],
  ['Per hour', 'w-[76px]', 'end'],
  ['By rule', 'w-[76px]', 'end'],
  ['Unsaid', 'w-[72px]', 'end'],
  ['Last', 'w-[88px]', 'end'],
];

interface UserTableProps {
  session: string | undefined;
  users: UserApprovals[];
}

export function UserTable({ session, users }: UserTableProps): ReactNode {
  const [opened, setOpened] = useState<ReadonlySet<string>>(
    new Set(users.length === 1 ? users.map(keyOf) : []),
  );
  const toggle = (key: string): void => {
    const next = new Set(opened);
    if (!next.delete(key)) next.add(key);
    setOpened(next);
  };
  return (
    <section
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
      tabIndex={0}
      aria-label="Approvals by user"
      className="overflow-x-auto rounded-lg border border-line bg-surface"
    >
      <Table
        label="Approvals by user and tool"
        className="min-w-[844px] table-fixed sm:min-w-[1040px]"
      >
        <Heads columns={HEADS} />
        <tbody>
          {users.map((user) => (
            <Fragment key={keyOf(user)}>
              <Row>
                <Cell>
                  <UserName
                    user={user}
                    isOpen={opened.has(keyOf(user))}
                    onToggle={() => toggle(keyOf(user))}
                  />
                </Cell>
                <Figures of={user} />
              </Row>
              {opened.has(keyOf(user)) ? <Tools session={session} user={user} /> : null}
            </Fragment>
          ))}
        </tbody>
      </Table>
    </section>
  );
}

interface UserNameProps {
  user: UserApprovals;
  isOpen: boolean;
  onToggle: () => void;
}

function UserName({ user, isOpen, onToggle }: UserNameProps): ReactNode {
  return (
    <button
      type="button"
      aria-expanded={isOpen}
      onClick={onToggle}
      className="flex min-h-6 w-full min-w-0 items-center gap-1.5 text-left"
    >
      <ChevronRightIcon
        className={classNames('size-4 shrink-0 transition-transform', isOpen ? 'rotate-90' : '')}
      />
      <span className="min-w-0">
        <span className="block truncate font-medium">
          {user.user === '' ? '(nobody named)' : <SafeText text={user.user} />}
        </span>
        <span className="block text-xs text-faint">
          {NAMED_BY[user.named_by ?? 'nobody']} · {countText(user.sessions)}{' '}
          {user.sessions === 1 ? 'session' : 'sessions'} · {countText(user.tools_of)}{' '}
          {user.tools_of === 1 ? 'tool' : 'tools'}
        </span>
      </span>
    </button>
  );
}

const NAMED_BY = {
  host: 'named by the runtime',
  agent: 'the agent says so',
  nobody: 'no name was told',
};

function Tools({ session, user }: { session: string | undefined; user: UserApprovals }): ReactNode {
  return (
    <>
      {user.tools.map((tool) => (
        <Row key={tool.tool} className="bg-raised/40">
          <Cell className="sm:pl-9">
            <ToolName session={session} user={user.user} tool={tool} />
          </Cell>
          <Figures of={tool} />
        </Row>
      ))}
      {user.tools.length < user.tools_of ? (
        <Row>
          <Cell colSpan={HEADS.length} className="text-xs sm:pl-9 text-medium">
            the first {countText(user.tools.length)} of {countText(user.tools_of)} tools
          </Cell>
        </Row>
      ) : null}
    </>
  );
}

interface ToolNameProps {
  session: string | undefined;
  user: string;
  tool: ToolApprovals;
}

function ToolName({ session, user, tool: { tool } }: ToolNameProps): ReactNode {
  if (tool === '') return <span className="text-faint">(no tool was told)</span>;
  const state = { user, tool, ...(session === undefined ? {} : { session }) };
  return (
    <Link href={paths.approvals(state)} className="block truncate hover:underline">
      <SafeText text={tool} />
    </Link>
  );
}

function Figures({ of }: { of: ApprovalFigures }): ReactNode {
  const { waited_ms: waited, accepted, refused } = of;
  const fast = waited === null ? 0 : waited.fast;
  return (
    <>
      <Cell className="text-right">
        <Count of={of.human} />
      </Cell>
      <Cell>
        {of.ratio === null ? (
          <span className="text-faint">–</span>
        ) : (
          <RatioBar ratio={of.ratio} title={`${accepted} accepted, ${refused} refused`} />
        )}
      </Cell>
      <Cell className="text-right">{waitText(waited?.p50)}</Cell>
      <Cell
        className="text-right"
        {...(waited === null
          ? {}
          : { title: `${fast} of ${waited.known} decisions with a known time` })}
      >
        {shareText(fast, waited?.known ?? 0)}
      </Cell>
      <Cell className="text-right">{waitText(waited?.p95)}</Cell>
      <Cell className="text-right">{rateText(of.per_hour)}</Cell>
      <Cell className="text-right text-muted">
        <Count of={of.automatic} />
      </Cell>
      <Cell className="text-right text-muted">
        <Count of={of.unsaid} />
      </Cell>
      <Cell className="text-right whitespace-nowrap text-muted">
        <Age ns={of.last_t} />
      </Cell>
    </>
  );
}

function keyOf({ user, named_by: by }: UserApprovals): string {
  return `${by} ${user}`;
}
