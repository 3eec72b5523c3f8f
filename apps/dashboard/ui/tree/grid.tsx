/**
 * An ARIA treegrid: rows of one height, drawn only where they are seen, one of them selected and in
 * the tab order. What a row shows is its owner's.
 */
'use client';

import { useVirtualizer } from '@tanstack/react-virtual';
import {
  type KeyboardEvent,
  type ReactNode,
  type RefObject,
  useEffect,
  useRef,
  useSyncExternalStore,
} from 'react';
import { classNames } from '../class-names.ts';
import type { RowPlace } from './row.tsx';
import { type PlacedRow, stepOf } from './step.ts';

const WIDE = '(min-width: 1024px)';
const ROW_PX = { wide: 34, narrow: 54 };
const OVERSCAN_ROWS = 12;
const HEAD_PX = 32;

interface TreeGridProps<Id extends string | number, Row extends PlacedRow<Id>> {
  label: string;
  rows: Row[];
  selected: Id;
  /** The columns on a wide page, and their heads. */
  columns: string;
  heads: ReactNode;
  /** How high it may become. */
  className: string;
  onSelect(id: Id): void;
  onToggle(id: Id): void;
  /** One row; it has its id as its key. */
  draw(row: Row, place: RowPlace): ReactNode;
}

export function TreeGrid<Id extends string | number, Row extends PlacedRow<Id>>(
  props: TreeGridProps<Id, Row>,
): ReactNode {
  const { label, rows, selected, columns, heads, className, onSelect, onToggle, draw } = props;
  const box = useRef<HTMLDivElement>(null);
  const isWide = useWide();
  const height = isWide ? ROW_PX.wide : ROW_PX.narrow;
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => height,
    getItemKey: (i) => rows[i]!.id,
    overscan: OVERSCAN_ROWS,
    // The head lies over the rows and in the same box.
    scrollPaddingEnd: isWide ? HEAD_PX : 0,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: heights are those of the width
  useEffect(() => virtual.measure(), [height]);
  const at = Math.max(
    0,
    rows.findIndex(({ id }) => id === selected),
  );
  const pageRows = (): number => Math.floor((box.current?.clientHeight ?? 0) / height) - 1;
  const onKeyDown = useTreeKeys(props, box, at, {
    pageRows,
    show: () => virtual.scrollToIndex(at),
  });
  return (
    <div
      ref={box}
      role="treegrid"
      aria-label={label}
      aria-rowcount={rows.length + 1}
      className={classNames('overflow-auto', className)}
    >
      <div
        role="row"
        aria-rowindex={1}
        className={classNames(
          'sticky top-0 z-10 hidden h-8 items-center border-b border-line bg-surface px-3',
          'text-xs font-medium text-faint',
          columns,
        )}
      >
        {heads}
      </div>
      <div role="rowgroup" className="relative" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, start: top }) => {
          const row = rows[index]!;
          return draw(row, {
            ...{ rowIndex: index + 2, top, height, isSelected: index === at, onKeyDown },
            onSelect: () => onSelect(row.id),
            onToggle: () => onToggle(row.id),
          });
        })}
      </div>
    </div>
  );
}

interface View {
  /** Rows that are seen at once. */
  pageRows(): number;
  /** Brings the selected row into sight. */
  show(): void;
}

/** What keys do on a row. The focus goes with the selection that a key has moved. */
function useTreeKeys<Id extends string | number, Row extends PlacedRow<Id>>(
  { rows, selected, onSelect, onToggle }: TreeGridProps<Id, Row>,
  box: RefObject<HTMLDivElement | null>,
  at: number,
  view: View,
): (event: KeyboardEvent) => void {
  const focusNext = useRef(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a move moves the view
  useEffect(() => {
    view.show();
    if (!focusNext.current) return;
    focusNext.current = false;
    // Behind the next frame: only then the row is drawn.
    requestAnimationFrame(() => rowElement(box.current, selected)?.focus());
  }, [selected]);
  return (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const step = stepOf(rows, at, event.key, Math.max(1, view.pageRows()));
    if (step === undefined) return;
    event.preventDefault();
    const toggled = step.open ?? step.close;
    if (toggled !== undefined) onToggle(toggled);
    if (step.to === undefined || step.to === selected) return;
    focusNext.current = true;
    onSelect(step.to);
  };
}

function rowElement(box: HTMLElement | null, id: string | number): HTMLElement | null {
  return box?.querySelector<HTMLElement>(`[data-node="${CSS.escape(String(id))}"]`) ?? null;
}

function useWide(): boolean {
  return useSyncExternalStore(
    (listener) => {
      const media = matchMedia(WIDE);
      media.addEventListener('change', listener);
      return () => media.removeEventListener('change', listener);
    },
    () => matchMedia(WIDE).matches,
    () => true,
  );
}
