/** The tree of a session and the kernel's view beside it, from both lists and the live tail. */
'use client';

import type { EventItem } from '@vitrine/schema/api';
import { AGENT_TREE_EVENTS_STEP } from '@vitrine/schema/record';
import { useDeferredValue, useMemo, useState } from 'react';
import { useTail } from '../../lib/live/use-tail.ts';
import { AGENT_KINDS, buildTree } from './tree/build.ts';
import { KERNEL_KINDS, KERNEL_VANTAGES, KernelView } from './tree/kernel.ts';
import type { TreeNode } from './tree/node.ts';
import { type Events, useEvents } from './use-events.ts';

export interface SessionTree {
  root: TreeNode;
  view: KernelView;
  /** By leaf index. */
  items: ReadonlyMap<number, EventItem>;
  /** The published size, as far as this page knows. */
  size: number;
  agent: Events;
  kernel: Events;
  /** So much came while the page was open that it follows no longer. */
  isFull: boolean;
}

const TELLING = { kinds: AGENT_KINDS, vantages: ['agent'] };
const SEEING = { kinds: KERNEL_KINDS, vantages: KERNEL_VANTAGES };
const FOLLOWED = [...AGENT_KINDS, ...KERNEL_KINDS];

export function useTree(session: string): SessionTree {
  const agent = useEvents(session, TELLING);
  const kernel = useEvents(session, SEEING);
  const [live, setLive] = useState<{ items: EventItem[]; size: number }>({ items: [], size: 0 });
  const isWhole = [agent, kernel].every(({ state, isCut, isLoadingMore }) => {
    return state === 'ready' && !isCut && !isLoadingMore;
  });
  const isFull = live.items.length >= AGENT_TREE_EVENTS_STEP;
  useTail({
    session,
    kinds: FOLLOWED,
    after: Math.min(agent.size, kernel.size) - 1,
    enabled: isWhole && !isFull,
    onReady: (size) => setLive((old) => ({ ...old, size })),
    onRecords: (items) =>
      setLive((old) => ({
        items: [...old.items, ...items],
        size: Math.max(old.size, items.at(-1)!.index + 1),
      })),
  });
  const current = useMemo(
    () => new Map([...agent.items, ...kernel.items, ...live.items].map((i) => [i.index, i])),
    [agent.items, kernel.items, live.items],
  );
  // Building may lag behind what arrives; keys and scrolling may not.
  const items = useDeferredValue(current);
  // Who else tells of a session's start is no agent.
  const root = useMemo(() => {
    const told = [...items.values()].filter(({ vantage }) => vantage === 'agent');
    return buildTree(session, told);
  }, [session, items]);
  const view = useMemo(() => {
    const seen = [...items.values()].filter(({ kind }) => KERNEL_KINDS.includes(kind));
    return new KernelView(seen);
  }, [items]);
  const size = Math.max(agent.size, kernel.size, live.size);
  return { root, view, items, size, agent, kernel, isFull };
}
