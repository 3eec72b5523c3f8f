/**
 * The agents tree as an ARIA treegrid: rows of one height, drawn only where they are seen, one of
 * them selected and in the tab order.
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
import { classNames } from '../../ui/class-names.ts';
import { type Row, stepOf } from './tree/rows.ts';
import { COLUMNS, TreeRow } from './tree-row.tsx';

const WIDE = '(min-width: 1024px)';
const ROW_PX = { wide: 34, narrow: 54 };
const OVERSCAN_ROWS = 12;
const HEAD_PX = 32;
const TIME = 'Time';
const HEADS = ['What', 'Decision', 'Outcome', TIME, 'In → out', 'Told by', "Kernel's view"];

interface TreeGridProps {
  label: string;
  rows: Row[];
  selected: string;
  kernelOf(row: Row): string | undefined;
  onSelect(id: string): void;
  onToggle(id: string): void;
}

export function TreeGrid(props: TreeGridProps): ReactNode {
  const { label, rows, selected, kernelOf, onSelect, onToggle } = props;
  const box = useRef<HTMLDivElement>(null);
  const isWide = useWide();
  const height = isWide ? ROW_PX.wide : ROW_PX.narrow;
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => height,
    getItemKey: (i) => rows[i]!.node.id,
    overscan: OVERSCAN_ROWS,
    // The head lies over the rows and in the same box.
    scrollPaddingEnd: isWide ? HEAD_PX : 0,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: heights are those of the width
  useEffect(() => virtual.measure(), [height]);
  const at = Math.max(
    0,
    rows.findIndex(({ node }) => node.id === selected),
  );
  const pageRows = (): number => Math.floor((box.current?.clientHeight ?? 0) / height) - 1;
  const onKeyDown = useKeys(props, box, at, { pageRows, show: () => virtual.scrollToIndex(at) });
  return (
    <div
      ref={box}
      role="treegrid"
      aria-label={label}
      aria-rowcount={rows.length + 1}
      className="max-h-[55dvh] min-h-64 overflow-auto lg:max-h-[calc(100dvh-11rem)]"
    >
      <Head />
      <div role="rowgroup" className="relative" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const row = rows[index]!;
          return (
            <TreeRow
              key={row.node.id}
              row={row}
              rowIndex={index + 2}
              top={start}
              height={height}
              isSelected={index === at}
              kernel={kernelOf(row)}
              onSelect={() => onSelect(row.node.id)}
              onToggle={() => onToggle(row.node.id)}
              onKeyDown={onKeyDown}
            />
          );
        })}
      </div>
    </div>
  );
}

function Head(): ReactNode {
  return (
    <div
      role="row"
      aria-rowindex={1}
      className={classNames(
        'sticky top-0 z-10 hidden h-8 items-center border-b border-line bg-surface px-3',
        'text-xs font-medium text-faint',
        COLUMNS,
      )}
    >
      {HEADS.map((head) => (
        <div
          key={head}
          role="columnheader"
          className={classNames('truncate', head === TIME ? 'text-right' : '')}
        >
          {head}
        </div>
      ))}
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
function useKeys(
  { rows, selected, onSelect, onToggle }: TreeGridProps,
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

function rowElement(box: HTMLElement | null, id: string): HTMLElement | null {
  return box?.querySelector<HTMLElement>(`[data-node="${CSS.escape(id)}"]`) ?? null;
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
