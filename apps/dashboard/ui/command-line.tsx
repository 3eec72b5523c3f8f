/** A command to type, with a button that copies it where the browser allows. */
'use client';

import { type ReactNode, useState } from 'react';
import { Button } from './button.tsx';
import { classNames } from './class-names.ts';

const SHOWN_MS = 2_000;

export function CommandLine({ command }: { command: string }): ReactNode {
  const [state, setState] = useState<'idle' | 'copied' | 'refused'>('idle');
  const copy = async (): Promise<void> => {
    // The clipboard is there in secure contexts only.
    const done = await navigator.clipboard?.writeText(command).then(
      () => true,
      () => false,
    );
    setState(done ? 'copied' : 'refused');
    setTimeout(() => setState('idle'), SHOWN_MS);
  };
  const words = { idle: 'Copy', copied: 'Copied', refused: 'Select it' }[state];
  return (
    <span
      className={classNames(
        'inline-flex max-w-full items-center gap-1 rounded-md border border-line',
        'bg-raised py-1 pr-1 pl-3 text-left',
      )}
    >
      <code className="min-w-0 text-sm text-text [overflow-wrap:anywhere] select-all">
        {command}
      </code>
      <Button
        look="quiet"
        className="h-7 min-w-[4.5rem] px-2 text-xs"
        aria-label={`Copy: ${command}`}
        onClick={copy}
      >
        <span aria-live="polite">{words}</span>
      </Button>
    </span>
  );
}
