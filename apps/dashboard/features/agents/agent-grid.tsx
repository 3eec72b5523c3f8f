/** The agents tree as a treegrid. */
'use client';

import type { ReactNode } from 'react';
import { classNames } from '../../ui/class-names.ts';
import { TreeGrid } from '../../ui/tree/grid.tsx';
import type { Row } from './tree/rows.ts';
import { COLUMNS, TreeRow } from './tree-row.tsx';

const TIME = 'Time';
const HEADS = ['What', 'Decision', 'Outcome', TIME, 'In → out', 'Told by', "Kernel's view"];

interface AgentGridProps {
  label: string;
  rows: Row[];
  selected: string;
  kernelOf(row: Row): string | undefined;
  onSelect(id: string): void;
  onToggle(id: string): void;
}

export function AgentGrid({ kernelOf, ...grid }: AgentGridProps): ReactNode {
  return (
    <TreeGrid
      {...grid}
      columns={COLUMNS}
      heads={HEADS.map((head) => (
        <div
          key={head}
          role="columnheader"
          className={classNames('truncate', head === TIME ? 'text-right' : '')}
        >
          {head}
        </div>
      ))}
      className="max-h-[55dvh] min-h-64 lg:max-h-[calc(100dvh-11rem)]"
      draw={(row, place) => <TreeRow key={row.id} row={row} place={place} kernel={kernelOf(row)} />}
    />
  );
}
