/** One row of the agents tree: what was done, who let it, how it went, who saw it. */
'use client';

import { AGENT_TREE_INDENT_MAX } from '@vitrine/schema/record';
import { plainText } from '@vitrine/schema/text';
import type { ReactNode } from 'react';
import { classNames } from '../../ui/class-names.ts';
import { SafeText } from '../../ui/safe-text.tsx';
import { Expander, RowFrame, type RowPlace } from '../../ui/tree/row.tsx';
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
  place: RowPlace;
  /** `3 exec, 12 files`; absent where there is nothing to compare. */
  kernel: string | undefined;
}

export function TreeRow({ row, place, kernel }: TreeRowProps): ReactNode {
  const { node, level, isOpen } = row;
  const cell = 'min-w-0 truncate text-xs text-muted max-lg:empty:hidden';
  const indent = (Math.min(level, AGENT_TREE_INDENT_MAX) - 1) * INDENT_PX;
  return (
    <RowFrame row={row} place={place} columns={COLUMNS}>
      <div
        role="gridcell"
        className="flex min-w-0 items-center gap-2"
        style={{ paddingLeft: indent }}
      >
        <Expander isOpen={isOpen} onToggle={place.onToggle} />
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
    </RowFrame>
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
