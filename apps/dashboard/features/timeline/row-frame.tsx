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
}

interface RowFrameProps extends RowPlace {
  className?: string;
  /** Colour of the thin edge at its beginning. */
  edge?: string;
  expanded?: boolean | undefined;
  children: ReactNode;
}

export function RowFrame(props: RowFrameProps): ReactNode {
  const { rowKey, topPx, heightPx, ariaIndex, isCursor, isOpened, expanded } = props;
  return (
    <div
      role="row"
      tabIndex={isCursor ? 0 : -1}
      data-row={rowKey}
      aria-selected={isOpened}
      {...(ariaIndex === undefined ? {} : { 'aria-rowindex': ariaIndex })}
      {...(expanded === undefined ? {} : { 'aria-expanded': expanded })}
      className={classNames(
        'absolute inset-x-0 top-0 cursor-default border-b border-line/60',
        'focus-visible:-outline-offset-2',
        props.className,
        isOpened ? 'bg-accent-soft' : 'hover:bg-hover',
      )}
      style={{ transform: `translateY(${topPx}px)`, height: heightPx }}
    >
      <span
        aria-hidden="true"
        className={classNames(
          'absolute inset-y-0 left-0 w-[3px]',
          isCursor && !isOpened ? 'bg-line-strong' : '',
          isOpened ? 'bg-accent' : (props.edge ?? ''),
        )}
      />
      {props.children}
    </div>
  );
}
