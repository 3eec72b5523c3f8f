/** Processes as a treegrid. */
'use client';

import type { ReactNode } from 'react';
import { TreeGrid } from '../../ui/tree/grid.tsx';
import { COLUMNS, ProcessRowView } from './process-row.tsx';
import type { ProcessRow } from './rows.ts';
import { COUNTS } from './words.ts';

const PLAIN = ['Process', 'Pid', 'Uid', 'Began', 'Ended'];

interface ProcessGridProps {
  label: string;
  rows: ProcessRow[];
  /** Place of the selected process in the list of all. */
  selected: number;
  onSelect(n: number): void;
  onToggle(n: number): void;
}

export function ProcessGrid(props: ProcessGridProps): ReactNode {
  const plain = PLAIN.map((head) => (
    <div key={head} role="columnheader" className="truncate">
      {head}
    </div>
  ));
  const counts = COUNTS.map(([name, head, means]) => (
    <div key={name} role="columnheader" className="truncate text-right" title={means}>
      {head}
    </div>
  ));
  return (
    <TreeGrid
      {...props}
      columns={COLUMNS}
      heads={[...plain, ...counts]}
      className="max-h-[60dvh] lg:max-h-[calc(100dvh-15rem)]"
      draw={(row, place) => <ProcessRowView key={row.id} row={row} place={place} />}
    />
  );
}
