/** The frame of every row of the list: its place, its name for the grid, whether it is chosen. */
'use client';

import type { ReactNode } from 'react';
import { classNames } from '../../ui/class-names.ts';

export interface RowPlace {
  rowKey: string;
  /** Distance from the top of the canvas. */
  topPx: number;
  heightPx: number;
  /** Place among all rows of the grid, from 1; the header is the first. */
  ariaIndex: number | undefined;
  /** The row that keys act on. */
  isCursor: boolean;
  /** The row whose event is opened. */
  isOpened: boolean;
  /** One of those that are marked together. */
  isMarked: boolean;
}

export type RowEdge = 'broken' | 'alert' | 'loss' | 'denied' | undefined;

interface RowFrameProps extends RowPlace {
  className?: string;
  /** What the thin edge at its beginning says (timeline.css). */
  edge?: RowEdge;
  children: ReactNode;
}

export function RowFrame(props: RowFrameProps): ReactNode {
  const { rowKey, topPx, heightPx, ariaIndex, isCursor, isOpened, isMarked } = props;
  return (
    <div
      role="row"
      tabIndex={isCursor ? 0 : -1}
      data-row={rowKey}
      aria-selected={isOpened || isMarked}
      {...(ariaIndex === undefined ? {} : { 'aria-rowindex': ariaIndex })}
      className={classNames(
        'timeline-row timeline-line focus-visible:-outline-offset-2',
        props.className,
        isOpened ? 'edge-opened bg-accent-soft' : isMarked ? 'bg-accent-soft/60' : 'hover:bg-hover',
        !isOpened && props.edge !== undefined && `edge-${props.edge}`,
        !isOpened && isCursor && 'edge-cursor',
      )}
      style={{ transform: `translateY(${topPx}px)`, height: heightPx }}
    >
      {props.children}
    </div>
  );
}
