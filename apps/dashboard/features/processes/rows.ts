/** Processes as rows of a treegrid: which of them are visible. */
import type { ProcessItem } from '@vitrine/schema/api';
import type { PlacedRow } from '../../ui/tree/step.ts';

/** At the top stands a process whose parent nobody saw. */
export interface ProcessRow extends PlacedRow<number> {
  item: ProcessItem;
}

export type Children = ReadonlyMap<number | null, readonly ProcessItem[]>;

export function childrenOf(items: readonly ProcessItem[]): Children {
  return Map.groupBy(items, ({ parent }) => parent);
}

/** Opened at first: the levels above this one, as long as that is no more rows than one reads. */
const LEVELS_OPEN = 3;
const ROWS_OPEN_MAX = 200;

export function openedAtFirst(items: readonly ProcessItem[]): ReadonlySet<number> {
  const levels = new Map<number, number>();
  const opened = new Set<number>();
  let rows = items.filter(({ parent }) => parent === null).length;
  for (const { n, parent, children } of items) {
    const level = parent === null ? 1 : (levels.get(parent) ?? 0) + 1;
    levels.set(n, level);
    const isSeen = parent === null || opened.has(parent);
    if (children === 0 || !isSeen || level > LEVELS_OPEN || rows + children > ROWS_OPEN_MAX) {
      continue;
    }
    opened.add(n);
    rows += children;
  }
  return opened;
}

/** Rows from the top; nothing below a closed process is ever made. */
export function visibleRows(children: Children, opened: ReadonlySet<number>): ProcessRow[] {
  const rows: ProcessRow[] = [];
  const waiting: ProcessRow[] = [];
  const put = (parent: number | null, level: number): void => {
    const items = children.get(parent) ?? [];
    for (let i = items.length - 1; i >= 0; i--) {
      const item = items[i]!;
      const isOpen = item.children === 0 ? undefined : opened.has(item.n);
      const place = { id: item.n, parent: parent ?? undefined, level, isOpen };
      waiting.push({ item, ...place, position: i + 1, siblings: items.length });
    }
  };
  put(null, 1);
  for (let row = waiting.pop(); row !== undefined; row = waiting.pop()) {
    rows.push(row);
    if (row.isOpen === true) put(row.item.n, row.level + 1);
  }
  return rows;
}

/** All that has to be open for this process to have a row. */
export function ancestorsOf(items: readonly ProcessItem[], item: ProcessItem): number[] {
  const above: number[] = [];
  for (let { parent } = item; parent !== null; parent = items[parent]!.parent) above.push(parent);
  return above;
}
