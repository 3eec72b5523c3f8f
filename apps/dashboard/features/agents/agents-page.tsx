/** The agents of a session as a tree, with the kernel's view beside what they say. */
'use client';

import { useQueryState } from 'nuqs';
import { type ReactNode, useMemo, useState } from 'react';
import { paths } from '../../lib/paths.ts';
import { timelineKeys } from '../../lib/url-state.ts';
import { Box } from '../../ui/box.tsx';
import { Button, ButtonLink } from '../../ui/button.tsx';
import { classNames } from '../../ui/class-names.ts';
import { PageBody, PageHeader } from '../../ui/page-header.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { EmptyState, ErrorState, LoadingState } from '../../ui/states.tsx';
import { AgentGrid } from './agent-grid.tsx';
import { NodePanel } from './node-panel.tsx';
import { countsOf, countWords, type KernelView } from './tree/kernel.ts';
import { type TreeNode, walk } from './tree/node.ts';
import { closableIds, type Row, seenAncestor, visibleRows } from './tree/rows.ts';
import type { Events } from './use-events.ts';
import { type SessionTree, useTree } from './use-tree.ts';
import { summaryText } from './words.ts';

export function AgentsPage({ session }: { session: string }): ReactNode {
  const tree = useTree(session);
  const { agent, kernel, root } = tree;
  const failed = [agent, kernel].filter(({ state }) => state === 'failed');
  const isLoading = agent.state === 'loading' || kernel.state === 'loading';
  return (
    <PageBody>
      <PageHeader
        title="Agents"
        description={
          <>
            Prompts, tool calls and subagents of <SafeText text={session} />, as its agents told
            them, and what the kernel saw meanwhile.
          </>
        }
      />
      {failed[0] !== undefined ? (
        <Box>
          <ErrorState
            title="The agents could not be loaded"
            error={failed[0].error}
            retry={() => {
              for (const { retry } of failed) retry();
            }}
          />
        </Box>
      ) : isLoading ? (
        <Box>
          <LoadingState label="Loading what the agents told" rows={10} />
        </Box>
      ) : root.children.length === 0 ? (
        <NoAgents session={session} seen={tree.view.size} />
      ) : (
        <Loaded tree={tree} />
      )}
    </PageBody>
  );
}

function Loaded({ tree }: { tree: SessionTree }): ReactNode {
  const { root, view } = tree;
  const nodes = useMemo(() => walk(root), [root]);
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const rows = useMemo(() => visibleRows(root, closed), [root, closed]);
  const [selected, select] = useSelection(nodes);
  const kernelTexts = useMemo(() => textsOf(root, view), [root, view]);
  const beside = useMemo(() => overlapsOf(selected, nodes), [selected, nodes]);
  const close = (next: ReadonlySet<string>): void => {
    setClosed(next);
    const seen = seenAncestor(root, next, selected.id);
    if (seen !== selected.id) select(seen);
  };
  const toggle = (id: string): void => {
    const next = new Set(closed);
    if (!next.delete(id)) next.add(id);
    close(next);
  };
  return (
    <div
      className={classNames(
        'grid gap-4 lg:grid-cols-[minmax(0,1fr)_17.5rem]',
        '2xl:grid-cols-[minmax(0,1fr)_24rem]',
      )}
    >
      <div className="min-w-0">
        <div className="mb-2 flex flex-wrap items-center gap-2">
          <p className="mr-auto text-sm text-muted tabular-nums">{summaryText(nodes)}</p>
          <Button onClick={() => setClosed(new Set())}>Open all</Button>
          <Button onClick={() => close(new Set(closableIds(nodes)))}>Close all</Button>
        </div>
        <Unread tree={tree} />
        <Box>
          <AgentGrid
            label="Prompts, model requests, tool calls and subagents"
            rows={rows}
            selected={selected.id}
            kernelOf={({ node }: Row) => kernelTexts.get(node.id)}
            onSelect={select}
            onToggle={toggle}
          />
        </Box>
      </div>
      <aside
        aria-label="The selected node"
        className={classNames(
          'min-w-0 lg:sticky lg:top-16 lg:max-h-[calc(100dvh-5rem)] lg:self-start',
          'lg:overflow-auto',
        )}
      >
        <NodePanel node={selected} tree={tree} beside={beside} />
      </aside>
    </div>
  );
}

/** The node that is selected: in the address by the leaf of its first event. */
function useSelection(nodes: TreeNode[]): [TreeNode, (id: string) => void] {
  const [index, setIndex] = useQueryState('e', timelineKeys.e);
  const [unnamed, setUnnamed] = useState<string>();
  const selected =
    nodes.find(({ id, leaves }) =>
      index === null ? id === unnamed : leaves.some((leaf) => leaf.index === index),
    ) ?? nodes[0]!;
  const select = (id: string): void => {
    const leaf = nodes.find((node) => node.id === id)?.leaves[0];
    setUnnamed(id);
    void setIndex(leaf?.index ?? null);
  };
  return [selected, select];
}

/** What the kernel saw, for each tool call; nothing where no observer told of this session. */
function textsOf(root: TreeNode, view: KernelView): Map<string, string> {
  const texts = new Map<string, string>();
  if (view.size === 0) return texts;
  for (const node of walk(root)) {
    if (node.type !== 'tool' || node.span?.end === undefined) continue;
    texts.set(node.id, countWords(countsOf(view.of(node))));
  }
  return texts;
}

/** Tool calls whose time meets that of `node`. */
function overlapsOf(node: TreeNode, nodes: TreeNode[]): number {
  const { span } = node;
  if (node.type !== 'tool' || span?.end === undefined) return 0;
  return nodes.filter(
    ({ type, id, span: other }) =>
      type === 'tool' &&
      id !== node.id &&
      other?.end !== undefined &&
      other.start <= span.end! &&
      span.start <= other.end,
  ).length;
}

/** Says what is not loaded, and loads it. */
function Unread({ tree }: { tree: SessionTree }): ReactNode {
  const { agent, kernel, isFull } = tree;
  const line = (events: Events, teller: string): ReactNode =>
    events.isCut && (
      <p className="mb-2 flex flex-wrap items-center gap-2 text-sm text-medium">
        Only the first {events.items.length} events of {teller} are loaded.
        <Button onClick={events.more}>Load more</Button>
      </p>
    );
  return (
    <div aria-live="polite">
      {line(agent, 'the agents')}
      {line(kernel, 'the kernel')}
      {isFull && (
        <p className="mb-2 text-sm text-medium">
          So much is new that this page follows no longer. Reload it to see the rest.
        </p>
      )}
    </div>
  );
}

function NoAgents({ session, seen }: { session: string; seen: number }): ReactNode {
  return (
    <Box>
      <EmptyState title="No agent told of anything in this session">
        <p>
          Prompts, tool calls and subagents come from an agent's own hooks and telemetry.
          {seen === 0 ? '' : ` Observers outside it saw ${seen} events.`}
        </p>
        <ButtonLink href={paths.session(session)}>Open the timeline</ButtonLink>
      </EmptyState>
    </Box>
  );
}
