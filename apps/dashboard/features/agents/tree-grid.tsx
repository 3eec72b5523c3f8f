/**
 * The agents tree as an ARIA treegrid: rows of one height, drawn only where they are seen, one of
 * them selected and in the tab order.
 */
'use client';

import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useSyncExternalStore } from 'react';
import { classNames } from '../../ui/class-names.ts';
import { type Row, stepOf } from './tree/rows.ts';
import { COLUMNS, TreeRow } from './tree-row.tsx';

const WIDE = '(min-width: 1024px)';
const ROW_PX = { wide: 34, narrow: 54 };
const OVERSCAN_ROWS = 12;
const HEADS = ['What', 'Decision', 'Outcome', 'Time', 'In → out', 'Told by', "Kernel's view"];

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
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: heights are those of the width
  useEffect(() => virtual.measure(), [height]);
  const at = Math.max(
    0,
    rows.findIndex(({ node }) => node.id === selected),
  );
  const focusNext = useRef(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a move moves the view
  useEffect(() => {
    virtual.scrollToIndex(at);
    if (!focusNext.current) return;
    focusNext.current = false;
    requestAnimationFrame(() => rowElement(box.current, selected)?.focus());
  }, [selected]);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const page = Math.max(1, Math.floor((box.current?.clientHeight ?? 0) / height) - 1);
    const step = stepOf(rows, at, event.key, page);
    if (step === undefined) return;
    event.preventDefault();
    const toggled = step.open ?? step.close;
    if (toggled !== undefined) onToggle(toggled);
    if (step.to === undefined || step.to === selected) return;
    focusNext.current = true;
    onSelect(step.to);
  };
  return (
    <div
      ref={box}
      role="treegrid"
      aria-label={label}
      aria-rowcount={rows.length + 1}
      className="max-h-[55dvh] min-h-64 overflow-auto lg:max-h-[calc(100dvh-11rem)]"
    >
      <div
        role="row"
        aria-rowindex={1}
        className={classNames(
          'sticky top-0 z-10 hidden h-8 items-center border-b border-line bg-surface px-3',
          'text-xs font-medium text-faint',
          COLUMNS,
        )}
      >
        {HEADS.map((head, i) => (
          <div
            key={head}
            role="columnheader"
            className={classNames('truncate', i === 3 ? 'text-right' : '')}
          >
            {head}
          </div>
        ))}
      </div>
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
