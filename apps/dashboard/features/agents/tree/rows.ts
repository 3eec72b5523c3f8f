/** The tree as rows of a treegrid: which of them are visible. */
import type { PlacedRow } from '../../../ui/tree/step.ts';
import type { TreeNode } from './node.ts';

export interface Row extends PlacedRow<string> {
  node: TreeNode;
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
  return { node, id: node.id, level: 1, position, siblings, parent, isOpen: undefined };
}

/** The node itself while it has a row, else the nearest one above it that has. */
export function seenAncestor(root: TreeNode, closed: ReadonlySet<string>, id: string): string {
  const shown = new Set(visibleRows(root, closed).map(({ node }) => node.id));
  const parents = new Map(visibleRows(root, new Set()).map((row) => [row.node.id, row.parent]));
  let at: string | undefined = id;
  while (at !== undefined && !shown.has(at)) at = parents.get(at);
  return at ?? root.id;
}

/** Ids of all nodes that can be closed, but the root. */
export function closableIds(nodes: TreeNode[]): string[] {
  return nodes.filter(({ children, type }) => children.length > 0 && type !== 'session').map(idOf);
}

function idOf({ id }: TreeNode): string {
  return id;
}
