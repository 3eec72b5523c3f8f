/** One row of the agents tree: what was done, who let it, how it went, who saw it. */
'use client';

import { AGENT_TREE_INDENT_MAX } from '@vitrine/schema/record';
import type { KeyboardEvent, ReactNode } from 'react';
import { Badge, type Tone } from '../../ui/badge.tsx';
import { classNames } from '../../ui/class-names.ts';
import { ChevronRightIcon } from '../../ui/icons.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import type { TreeNode } from './tree/node.ts';
import type { Row } from './tree/rows.ts';
import { flowText, sourceWords, TYPE_WORDS, timeText } from './words.ts';

/** Columns from 1024 px on; below it a row has two lines. */
export const COLUMNS =
  'lg:grid lg:grid-cols-[minmax(0,1fr)_9.5rem_5rem_8.5rem_9rem_11.5rem] lg:gap-x-3';

const INDENT_PX = 18;

interface TreeRowProps {
  row: Row;
  /** In the whole grid, from 1; the head is 1. */
  rowIndex: number;
  top: number;
  height: number;
  isSelected: boolean;
  /** `3 exec, 12 files`; absent where there is nothing to compare. */
  kernel: string | undefined;
  onSelect(): void;
  onToggle(): void;
  onKeyDown(event: KeyboardEvent): void;
}

export function TreeRow(props: TreeRowProps): ReactNode {
  const { row, rowIndex, top, height, isSelected, kernel, onSelect, onToggle, onKeyDown } = props;
  const { node, level, isOpen } = row;
  const cell = 'min-w-0 truncate text-xs text-muted';
  return (
    <div
      role="row"
      aria-level={level}
      aria-posinset={row.position}
      aria-setsize={row.siblings}
      aria-rowindex={rowIndex}
      aria-selected={isSelected}
      {...(isOpen === undefined ? {} : { 'aria-expanded': isOpen })}
      tabIndex={isSelected ? 0 : -1}
      data-node={node.id}
      onClick={onSelect}
      onKeyDown={onKeyDown}
      style={{ transform: `translateY(${top}px)`, height }}
      className={classNames(
        'absolute inset-x-0 top-0 flex cursor-default flex-col justify-center border-b',
        'border-line px-3 lg:items-center lg:outline-offset-[-2px]',
        isSelected ? 'bg-accent-soft' : 'hover:bg-hover',
        COLUMNS,
      )}
    >
      <div
        role="gridcell"
        className="flex min-w-0 items-center gap-2"
        style={{ paddingLeft: (Math.min(level, AGENT_TREE_INDENT_MAX) - 1) * INDENT_PX }}
      >
        <Expander isOpen={isOpen} onToggle={onToggle} />
        <What node={node} />
      </div>
      <div
        className={classNames(
          'contents max-lg:flex max-lg:min-w-0 max-lg:gap-2 max-lg:overflow-hidden',
          'max-lg:pl-8',
        )}
      >
        <div role="gridcell" className={cell}>
          <Outcome node={node} />
        </div>
        <div role="gridcell" className={classNames(cell, 'tabular-nums lg:text-right')}>
          {timeText(node)}
        </div>
        <div role="gridcell" className={classNames(cell, 'tabular-nums max-lg:hidden')}>
          {flowText(node)}
        </div>
        <div role="gridcell" className={classNames(cell, 'max-sm:hidden')}>
          {sourceWords(node)}
        </div>
        <div role="gridcell" className={classNames(cell, 'tabular-nums')}>
          {kernel === undefined ? '' : `kernel: ${kernel}`}
        </div>
      </div>
    </div>
  );
}

/** For the mouse: the keyboard has the arrow keys, readers have `aria-expanded`. */
function Expander({
  isOpen,
  onToggle,
}: {
  isOpen: boolean | undefined;
  onToggle(): void;
}): ReactNode {
  if (isOpen === undefined) return <span className="w-6 shrink-0" />;
  return (
    <span
      aria-hidden="true"
      className="flex size-6 shrink-0 items-center justify-center text-muted hover:text-text"
      onClick={(event) => {
        event.stopPropagation();
        onToggle();
      }}
    >
      <ChevronRightIcon
        className={classNames('size-4 transition-transform', isOpen ? 'rotate-90' : '')}
      />
    </span>
  );
}

const TONES: Partial<Record<TreeNode['type'], Tone>> = { prompt: 'accent', agent: 'medium' };

function What({ node }: { node: TreeNode }): ReactNode {
  const { type, name, subject, agent, prompt } = node;
  const shown = name === '' ? { prompt, agent }[type as 'agent'] : name;
  return (
    <span className="flex min-w-0 items-baseline gap-2">
      <Badge tone={TONES[type] ?? 'neutral'} className="w-[4.75rem] justify-center">
        {TYPE_WORDS[type]}
      </Badge>
      <span
        className={classNames(
          'min-w-0 truncate text-sm',
          type === 'tool' || type === 'agent' ? 'font-medium' : '',
          type === 'prompt' || type === 'session' ? 'font-mono text-xs' : '',
        )}
      >
        <SafeText text={shown ?? 'unnamed'} />
        {subject === undefined ? null : (
          <>
            {' '}
            <SafeText text={subject} className="font-mono text-xs font-normal text-muted" />
          </>
        )}
      </span>
    </span>
  );
}

/** Who let it, and how it ended: shape, word and colour. */
export function Outcome({ node }: { node: TreeNode }): ReactNode {
  const { decision, success, isAsked } = node;
  return (
    <span className="inline-flex min-w-0 items-baseline gap-2">
      {decision === undefined ? (
        isAsked && <span className="text-medium">? asked</span>
      ) : (
        <span className={isRefusal(decision.value) ? 'text-high' : ''}>
          <SafeText text={decision.value} />
          {decision.source === undefined ? null : (
            <>
              {' · '}
              <SafeText text={decision.source} />
            </>
          )}
        </span>
      )}
      {success === undefined ? null : (
        <span className={success ? 'text-sealed' : 'text-critical'}>
          {success ? '✓ ok' : '✕ failed'}
        </span>
      )}
    </span>
  );
}

function isRefusal(value: string): boolean {
  return value === 'reject' || value === 'deny';
}
