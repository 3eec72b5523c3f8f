/** The alert is in the log like what it tells of: its row, its leaf, and its proof on demand. */
'use client';

import type { EventItem } from '@vitrine/schema/api';
import dynamic from 'next/dynamic';
import { type ReactNode, useState } from 'react';
import { Button } from '../../ui/button.tsx';
import { RowBadge } from '../proof/row-badge.tsx';
import { useRowState } from '../proof/use-row-state.ts';

/** The verifier is loaded when it is asked for. */
const ProofPanel = dynamic(() =>
  import('../proof/proof-panel.tsx').then((module) => module.ProofPanel),
);

export function OwnRecord({ item, size }: { item: EventItem; size: number }): ReactNode {
  const standing = useRowState(item, size);
  const [proving, setProving] = useState(false);
  return (
    <div className="px-4 pb-4 text-sm">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <p className="min-w-0">
          Leaf {item.index} <span className="text-muted">of {item.log}</span>
        </p>
        <RowBadge {...standing} />
      </div>
      <code className="mt-1 block text-xs text-faint [overflow-wrap:anywhere]">{item.leaf}</code>
      {proving ? (
        <div className="mt-4">
          <ProofPanel item={item} size={size} />
        </div>
      ) : (
        <Button className="mt-3" onClick={() => setProving(true)}>
          Prove the alert
        </Button>
      )}
    </div>
  );
}
