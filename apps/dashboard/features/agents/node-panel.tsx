/** All about the selected node: who told of it, how it was decided, and what the kernel saw. */
'use client';

import type { EventItem } from '@vitrine/schema/api';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { paths } from '../../lib/paths.ts';
import { clockText, dateTimeText, isoOfNs, utcText } from '../../lib/time.ts';
import { classNames } from '../../ui/class-names.ts';
import { Panel } from '../../ui/panel.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { RowBadge } from '../proof/row-badge.tsx';
import { useRowState } from '../proof/use-row-state.ts';
import { SeenList } from './kernel-section.tsx';
import type { TreeNode } from './tree/node.ts';
import { Decided, Ended } from './tree-row.tsx';
import type { SessionTree } from './use-tree.ts';
import { clockWords, flowText, sourceSentence, TYPE_WORDS, timeText } from './words.ts';

interface NodePanelProps {
  node: TreeNode;
  tree: SessionTree;
  /** Tool calls that ran at the same time. */
  beside: number;
}

export function NodePanel({ node, tree, beside }: NodePanelProps): ReactNode {
  return (
    <div className="flex flex-col gap-4">
      <Panel
        title={
          <>
            {TYPE_WORDS[node.type]} <SafeText text={node.name} />
          </>
        }
      >
        {node.type === 'session' ? <SessionFacts tree={tree} /> : <NodeFacts node={node} />}
      </Panel>
      {node.type === 'tool' && <ToolView node={node} tree={tree} beside={beside} />}
      {node.type === 'session' && <OutsideView tree={tree} />}
      <LeafList node={node} tree={tree} />
    </div>
  );
}

const NO_OBSERVER =
  'No observer outside the agent tells of this session: all that is here is its own word.';

function SessionFacts({ tree }: { tree: SessionTree }): ReactNode {
  return (
    <p className="text-sm text-muted">
      {tree.view.size === 0
        ? NO_OBSERVER
        : `${tree.view.size} events of observers outside the agent are loaded. Select a tool ` +
          'call to see those of its time.'}
    </p>
  );
}

function NodeFacts({ node }: { node: TreeNode }): ReactNode {
  const { decision, success, isAsked, error, placed, span } = node;
  return (
    <>
      <p className="text-sm">{sourceSentence(node)}</p>
      <dl className="mt-3 grid grid-cols-[6.5rem_minmax(0,1fr)] gap-x-3 gap-y-1.5 text-sm">
        <Fact name="On">{node.subject}</Fact>
        {(decision !== undefined || isAsked === true) && (
          <Fact name="Decision">
            <Decided node={node} />
          </Fact>
        )}
        {success !== undefined && (
          <Fact name="Outcome">
            <Ended node={node} />
          </Fact>
        )}
        <Fact name="Error">{error}</Fact>
        {span !== undefined && (
          <Fact name="Began">
            <time dateTime={isoOfNs(String(span.start))} title={utcText(String(span.start))}>
              {dateTimeText(String(span.start))}
            </time>
          </Fact>
        )}
        <Fact name="Took">{timeText(node)}</Fact>
        <Fact name="In → out">{flowText(node)}</Fact>
        <Fact name="Agent">{node.agent ?? 'main'}</Fact>
        <Fact name="Prompt">{node.prompt}</Fact>
        {placed !== undefined && <Fact name="Stands here">{PLACED[placed]}</Fact>}
      </dl>
    </>
  );
}

const PLACED = {
  named: 'because the call above names it.',
  order: 'by the order of starts: nobody names the call that started it.',
};

/** A text is from outside. */
function Fact({ name, children }: { name: string; children: ReactNode }): ReactNode {
  if (children === undefined || children === '') return null;
  return (
    <>
      <dt className="text-muted">{name}</dt>
      <dd className="min-w-0">
        {typeof children === 'string' ? <SafeText text={children} /> : children}
      </dd>
    </>
  );
}

function LeafList({ node, tree }: { node: TreeNode; tree: SessionTree }): ReactNode {
  const items = node.leaves.flatMap(({ index }) => tree.items.get(index) ?? []);
  if (items.length === 0) return null;
  return (
    <Panel title="Rows of the timeline">
      <ol className="-my-1.5">
        {items.map((item) => (
          <LeafRow
            key={item.index}
            item={item}
            source={node.leaves.find(({ index }) => index === item.index)!.source}
            size={tree.size}
          />
        ))}
      </ol>
    </Panel>
  );
}

function LeafRow({
  item,
  source,
  size,
}: {
  item: EventItem;
  source: string;
  size: number;
}): ReactNode {
  const { state, reason } = useRowState(item, size);
  return (
    <li
      className={classNames(
        'flex flex-wrap items-center gap-x-2 gap-y-0.5 border-t border-line py-1.5',
        'first:border-t-0',
      )}
    >
      <Link
        href={paths.session(item.session, { e: item.index })}
        className="flex min-h-6 items-center text-sm text-accent hover:underline"
      >
        {item.kind}
      </Link>
      <span className="text-xs text-muted">{source === 'other' ? 'agent' : source}</span>
      {contentParts(item).map((part) => (
        <Link
          key={part}
          href={paths.session(item.session, { e: item.index, tab: 'parts' })}
          className="flex min-h-6 items-center text-xs text-muted underline hover:text-text"
        >
          <SafeText text={part} />
        </Link>
      ))}
      <time
        dateTime={isoOfNs(item.t)}
        title={utcText(item.t)}
        className="text-xs text-muted tabular-nums"
      >
        {clockText(item.t)}
      </time>
      <RowBadge state={state} reason={reason} className="ml-auto" />
    </li>
  );
}

/** Names of the parts that hold what was said; the raw source records have their own tab. */
function contentParts({ record }: EventItem): string[] {
  const { parts } = record;
  if (typeof parts !== 'object' || parts === null) return [];
  return Object.keys(parts).filter((name) => !RAW_PARTS.has(name));
}

const RAW_PARTS = new Set(['otlp', 'hook']);

function ToolView({ node, tree, beside }: NodePanelProps): ReactNode {
  const { span } = node;
  const { view, items, size, kernel } = tree;
  return (
    <Panel title="What the kernel saw meanwhile">
      {view.size === 0 || span?.end === undefined ? (
        <p className="text-sm text-muted">
          {view.size === 0 ? NO_OBSERVER : 'Nobody told when this call ended: no time to look at.'}
        </p>
      ) : (
        <>
          <p className="mb-2 text-xs text-muted">
            Put here by time: seen between the start and the end of the call by{' '}
            {clockWords(span.by)}.
            {beside === 0
              ? ''
              : ` ${beside} other ${calls(beside)} ran meanwhile; each may be theirs.`}
            {kernel.isCut ? ' Not all events of the kernel are loaded.' : ''}
          </p>
          <SeenList seen={view.of(node)} from={span.start} items={items} size={size} isAttributed />
        </>
      )}
    </Panel>
  );
}

function calls(count: number): string {
  return count === 1 ? 'call' : 'calls';
}

function OutsideView({ tree }: { tree: SessionTree }): ReactNode {
  const { view, root, items, size } = tree;
  const seen = view.outside(root);
  const first = seen[0];
  if (view.size === 0 || first === undefined) return null;
  return (
    <Panel title="Seen while no tool call ran">
      <p className="mb-2 text-xs text-muted">
        The agent told of no call at these times: its own work, or what it does not tell. Times are
        from the first of them.
      </p>
      <SeenList seen={seen} from={first.t} items={items} size={size} isAttributed={false} />
    </Panel>
  );
}
