/** Copies a text, and says whether it could: pages from another host have no clipboard. */
'use client';

import { type ReactNode, useEffect, useState } from 'react';
import { Button } from './button.tsx';

const SHOWN_MS = 2_000;

interface CopyButtonProps {
  label: string;
  text(): string;
}

export function CopyButton({ label, text }: CopyButtonProps): ReactNode {
  const [said, setSaid] = useState<string | undefined>(undefined);
  useEffect(() => {
    if (said === undefined) return;
    const timer = setTimeout(() => setSaid(undefined), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [said]);
  const copy = async (): Promise<void> => {
    const done = await navigator.clipboard?.writeText(text()).then(
      () => true,
      () => false,
    );
    setSaid(done ? 'Copied' : 'No clipboard');
  };
  return (
    <Button look="quiet" className="h-8 min-w-[6.5rem] px-2 text-xs" onClick={copy}>
      <span aria-live="polite">{said ?? label}</span>
    </Button>
  );
}
