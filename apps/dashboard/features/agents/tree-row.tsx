/** One row of the agents tree: what was done, who let it, how it went, who saw it. */
'use client';

import { AGENT_TREE_INDENT_MAX } from '@vitrine/schema/record';
import { plainText } from '@vitrine/schema/text';
import type { KeyboardEvent, ReactNode } from 'react';
import { classNames } from '../../ui/class-names.ts';
import { ChevronRightIcon } from '../../ui/icons.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import type { NodeType, TreeNode } from './tree/node.ts';
import type { Row } from './tree/rows.ts';
import { flowText, shortPath, sourceWords, TYPE_WORDS, timeText } from './words.ts';

/** Columns from 1024 px on; below it a row has two lines. */
export const COLUMNS =
  'lg:grid lg:grid-cols-[minmax(0,1fr)_7rem_4rem_3.5rem_6.75rem_6.25rem_9.25rem] lg:gap-x-2.5';

const INDENT_PX = 14;
/** With the gap behind it. */
const EXPANDER_PX = 32;

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
  const cell = 'min-w-0 truncate text-xs text-muted max-lg:empty:hidden';
  const indent = (Math.min(level, AGENT_TREE_INDENT_MAX) - 1) * INDENT_PX;
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
        style={{ paddingLeft: indent }}
      >
        <Expander isOpen={isOpen} onToggle={onToggle} />
        <What node={node} />
      </div>
      <div
        className={classNames(
          'contents max-lg:mt-0.5 max-lg:flex max-lg:min-w-0 max-lg:gap-2 max-lg:overflow-hidden',
        )}
        style={{ paddingLeft: indent + EXPANDER_PX }}
      >
        <div role="gridcell" className={cell} title={decisionText(node)}>
          <Decided node={node} />
        </div>
        <div role="gridcell" className={classNames(cell, 'shrink-0')}>
          <Ended node={node} />
        </div>
        <div role="gridcell" className={classNames(cell, 'shrink-0 tabular-nums lg:text-right')}>
          {timeText(node)}
        </div>
        <div role="gridcell" className={classNames(cell, 'tabular-nums max-lg:hidden')}>
          {flowText(node)}
        </div>
        <div role="gridcell" className={classNames(cell, 'max-sm:hidden')}>
          {sourceWords(node)}
        </div>
        <div role="gridcell" className={classNames(cell, 'tabular-nums')}>
          {kernel === undefined ? null : (
            <>
              <span className="lg:hidden">kernel: </span>
              {kernel}
            </>
          )}
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

const SUBJECT = 'font-mono text-xs font-normal text-muted';
const LOOKS: Partial<Record<NodeType, string>> = {
  prompt: 'rounded bg-accent-soft px-1 text-accent',
  agent: 'rounded bg-medium-soft px-1 text-medium',
};

function What({ node }: { node: TreeNode }): ReactNode {
  const { type, name, subject, agent, prompt } = node;
  const shown = name === '' ? { prompt, agent }[type as 'agent'] : name;
  return (
    <span className="flex min-w-0 items-baseline gap-2">
      <span className={classNames('shrink-0 text-xs text-muted', LOOKS[type])}>
        {TYPE_WORDS[type]}
      </span>
      <span
        className={classNames(
          'min-w-0 truncate text-sm',
          type === 'tool' || type === 'agent' ? 'font-medium' : '',
          type === 'prompt' || type === 'session' ? 'font-mono text-xs' : '',
        )}
        title={plainText([shown, subject].filter(Boolean).join(' '))}
      >
        <SafeText text={shown ?? 'unnamed'} />
        {subject === undefined ? null : (
          <>
            {' '}
            <SafeText text={shortPath(subject)} className={SUBJECT} />
          </>
        )}
      </span>
    </span>
  );
}

/** Whether it was let, and by whom. */
export function Decided({ node }: { node: TreeNode }): ReactNode {
  const { decision, isAsked } = node;
  if (decision === undefined) return isAsked ? <span className="text-medium">? asked</span> : null;
  return (
    <span className={isRefusal(decision.value) ? 'text-high' : ''}>
      <SafeText text={decisionText(node)!} />
    </span>
  );
}

function decisionText({ decision }: TreeNode): string | undefined {
  if (decision === undefined) return undefined;
  const { value, source } = decision;
  return plainText(source === undefined ? value : `${value} · ${source}`);
}

/** How it ended: shape, word and colour. */
export function Ended({ node: { success } }: { node: TreeNode }): ReactNode {
  if (success === undefined) return null;
  return (
    <span className={success ? 'text-sealed' : 'text-critical'}>
      {success ? '✓ ok' : '✕ failed'}
    </span>
  );
}

function isRefusal(value: string): boolean {
  return value === 'reject' || value === 'deny';
}
