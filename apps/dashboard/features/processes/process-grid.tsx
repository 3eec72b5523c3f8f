/**
 * Processes as an ARIA treegrid: rows of one height, drawn only where they are seen, one of them
 * selected and in the tab order.
 */
'use client';

import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useSyncExternalStore } from 'react';
import { classNames } from '../../ui/class-names.ts';
import { COLUMNS, ProcessRowView } from './process-row.tsx';
import { type ProcessRow, stepOf } from './rows.ts';
import { COUNTS } from './words.ts';

const WIDE = '(min-width: 1024px)';
const ROW_PX = { wide: 34, narrow: 54 };
const OVERSCAN_ROWS = 12;
const HEAD_PX = 32;

interface ProcessGridProps {
  label: string;
  rows: ProcessRow[];
  /** Place of the selected process in the list of all. */
  selected: number;
  onSelect(n: number): void;
  onToggle(n: number): void;
}

export function ProcessGrid(props: ProcessGridProps): ReactNode {
  const { label, rows, selected, onSelect, onToggle } = props;
  const box = useRef<HTMLDivElement>(null);
  const focusNext = useRef(false);
  const isWide = useWide();
  const height = isWide ? ROW_PX.wide : ROW_PX.narrow;
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => height,
    getItemKey: (i) => rows[i]!.item.n,
    overscan: OVERSCAN_ROWS,
    // The head lies over the rows and in the same box.
    scrollPaddingEnd: isWide ? HEAD_PX : 0,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: heights are those of the width
  useEffect(() => virtual.measure(), [height]);
  const at = Math.max(
    0,
    rows.findIndex(({ item }) => item.n === selected),
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a move moves the view
  useEffect(() => {
    virtual.scrollToIndex(at);
    if (focusNext.current) focusRow(box.current, selected);
    focusNext.current = false;
  }, [selected]);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const pageRows = Math.max(1, Math.floor((box.current?.clientHeight ?? 0) / height) - 1);
    const step = stepOf(rows, at, event.key, pageRows);
    if (step === undefined) return;
    event.preventDefault();
    const toggled = step.open ?? step.close;
    if (toggled !== undefined) onToggle(toggled);
    if (step.to === undefined || step.to === at) return;
    focusNext.current = true;
    onSelect(rows[step.to]!.item.n);
  };
  return (
    <div
      ref={box}
      role="treegrid"
      aria-label={label}
      aria-rowcount={rows.length + 1}
      className="max-h-[60dvh] overflow-auto lg:max-h-[calc(100dvh-15rem)]"
    >
      <Head />
      <div role="rowgroup" className="relative" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const { item } = rows[index]!;
          return (
            <ProcessRowView
              key={item.n}
              row={rows[index]!}
              rowIndex={index + 2}
              top={start}
              height={height}
              isSelected={index === at}
              onSelect={() => onSelect(item.n)}
              onToggle={() => onToggle(item.n)}
              onKeyDown={onKeyDown}
            />
          );
        })}
      </div>
    </div>
  );
}

/** Behind the next frame: only then the row is drawn. */
function focusRow(box: HTMLElement | null, n: number): void {
  requestAnimationFrame(() => box?.querySelector<HTMLElement>(`[data-process="${n}"]`)?.focus());
}

function Head(): ReactNode {
  const plain = ['Process', 'Pid', 'Uid', 'Began', 'Ended'];
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
      {plain.map((head) => (
        <div key={head} role="columnheader" className="truncate">
          {head}
        </div>
      ))}
      {COUNTS.map(([name, head, means]) => (
        <div key={name} role="columnheader" className="truncate text-right" title={means}>
          {head}
        </div>
      ))}
    </div>
  );
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
