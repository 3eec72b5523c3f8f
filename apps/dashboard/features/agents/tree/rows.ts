/** The tree as rows of a treegrid: which are visible, and where each key leads (WAI-ARIA APG). */
import type { TreeNode } from './node.ts';

export interface Row {
  node: TreeNode;
  /** 1 for the root. */
  level: number;
  /** Among its siblings, from 1. */
  position: number;
  siblings: number;
  parent: string | undefined;
  /** Absent for a node without children. */
  isOpen: boolean | undefined;
}

/** Rows from the top; nothing below a closed node. */
export function visibleRows(root: TreeNode, closed: ReadonlySet<string>): Row[] {
  const rows: Row[] = [];
  const waiting: Row[] = [rowOf(root, undefined, 1, 1)];
  for (let row = waiting.pop(); row !== undefined; row = waiting.pop()) {
    const { node, level } = row;
    const isOpen = node.children.length === 0 ? undefined : !closed.has(node.id);
    rows.push({ ...row, isOpen });
    if (isOpen !== true) continue;
    const below = node.children.map((child, i) => ({
      ...rowOf(child, node.id, i + 1, node.children.length),
      level: level + 1,
    }));
    waiting.push(...below.toReversed());
  }
  return rows;
}

function rowOf(
  node: TreeNode,
  parent: string | undefined,
  position: number,
  siblings: number,
): Row {
  return { node, level: 1, position, siblings, parent, isOpen: undefined };
}

/** The node itself while it has a row, else the nearest one above it that has. */
export function seenAncestor(root: TreeNode, closed: ReadonlySet<string>, id: string): string {
  const shown = new Set(visibleRows(root, closed).map(({ node }) => node.id));
  const parents = new Map(visibleRows(root, new Set()).map((row) => [row.node.id, row.parent]));
  let at: string | undefined = id;
  while (at !== undefined && !shown.has(at)) at = parents.get(at);
  return at ?? root.id;
}

export interface Step {
  /** Id of the row to go to. */
  to?: string;
  open?: string;
  close?: string;
}

/** What a key does at row `at`; `undefined` when it is not ours. `page` in rows. */
export function stepOf(rows: Row[], at: number, key: string, page: number): Step | undefined {
  const row = rows[at];
  if (row === undefined) return undefined;
  const go = (index: number): Step => ({
    to: rows[Math.max(0, Math.min(rows.length - 1, index))]!.node.id,
  });
  switch (key) {
    case 'ArrowDown':
    case 'j':
      return go(at + 1);
    case 'ArrowUp':
    case 'k':
      return go(at - 1);
    case 'PageDown':
      return go(at + page);
    case 'PageUp':
      return go(at - page);
    case 'Home':
      return go(0);
    case 'End':
      return go(rows.length - 1);
    case 'ArrowRight':
      if (row.isOpen === false) return { open: row.node.id };
      return row.isOpen === true ? go(at + 1) : {};
    case 'ArrowLeft':
      if (row.isOpen === true) return { close: row.node.id };
      return row.parent === undefined ? {} : { to: row.parent };
    default:
      return undefined;
  }
}

/** Ids of all nodes that can be closed, but the root. */
export function closableIds(nodes: TreeNode[]): string[] {
  return nodes.filter(({ children, type }) => children.length > 0 && type !== 'session').map(idOf);
}

function idOf({ id }: TreeNode): string {
  return id;
}
