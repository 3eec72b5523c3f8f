/** What all rows of a treegrid have in common: their place for readers, their box, the expander. */
import type { KeyboardEvent, ReactNode } from 'react';
import { classNames } from '../class-names.ts';
import { ChevronRightIcon } from '../icons.tsx';
import type { PlacedRow } from './step.ts';

type Id = string | number;

/** Where the grid puts a row, and what is done with it. */
export interface RowPlace {
  /** In the whole grid, from 1; the head is 1. */
  rowIndex: number;
  top: number;
  height: number;
  isSelected: boolean;
  onSelect(): void;
  onToggle(): void;
  onKeyDown(event: KeyboardEvent): void;
}

interface RowFrameProps {
  row: PlacedRow<Id>;
  place: RowPlace;
  /** The columns on a wide page. */
  columns: string;
  children: ReactNode;
}

export function RowFrame({ row, place, columns, children }: RowFrameProps): ReactNode {
  const { id, level, position, siblings, isOpen } = row;
  const { rowIndex, top, height, isSelected, onSelect, onToggle, onKeyDown } = place;
  return (
    <div
      role="row"
      aria-level={level}
      aria-posinset={position}
      aria-setsize={siblings}
      aria-rowindex={rowIndex}
      aria-selected={isSelected}
      {...(isOpen === undefined ? {} : { 'aria-expanded': isOpen })}
      tabIndex={isSelected ? 0 : -1}
      data-node={id}
      onClick={onSelect}
      onDoubleClick={isOpen === undefined ? undefined : onToggle}
      onKeyDown={onKeyDown}
      style={{ transform: `translateY(${top}px)`, height }}
      className={classNames(
        'absolute inset-x-0 top-0 flex cursor-default flex-col justify-center border-b',
        'border-line px-3 lg:items-center lg:outline-offset-[-2px]',
        isSelected ? 'bg-accent-soft' : 'hover:bg-hover',
        columns,
      )}
    >
      {children}
    </div>
  );
}

interface ExpanderProps {
  isOpen: boolean | undefined;
  onToggle(): void;
}

/** For the mouse: the keyboard has the arrow keys, readers have `aria-expanded`. */
export function Expander({ isOpen, onToggle }: ExpanderProps): ReactNode {
  if (isOpen === undefined) return <span className="w-6 shrink-0" />;
  return (
    <span
      aria-hidden="true"
      className="flex size-6 shrink-0 items-center justify-center text-muted hover:text-text"
      onClick={(event) => {
        event.stopPropagation();
        onToggle();
      }}
      // Two clicks have done both already.
      onDoubleClick={(event) => event.stopPropagation()}
    >
      <ChevronRightIcon
        className={classNames('size-4 transition-transform', isOpen ? 'rotate-90' : '')}
      />
    </span>
  );
}
