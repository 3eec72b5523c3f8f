/** The same proof on the command line: where this page cannot, and for who does not trust it. */
import type { ReactNode } from 'react';
import { CommandLine } from '../../ui/command-line.tsx';
import { SAVE_TRUST } from './commands.ts';

interface ByHandProps {
  /** Writes the evidence into a file; absent when the reader has the file. */
  exportLine?: string | undefined;
  verifyLine: string;
}

export function ByHand({ exportLine, verifyLine }: ByHandProps): ReactNode {
  return (
    <ol aria-label="Commands" className="flex flex-col items-start gap-2 text-sm text-muted">
      {exportLine === undefined ? null : (
        <li className="max-w-full">
          <p className="mb-1">Export the evidence:</p>
          <CommandLine command={exportLine} />
        </li>
      )}
      <li className="max-w-full">
        <p className="mb-1">
          Take the key from the machine of the log, by another way than the evidence:
        </p>
        <CommandLine command={SAVE_TRUST} />
      </li>
      <li className="max-w-full">
        <p className="mb-1">Verify; this asks no server and no network:</p>
        <CommandLine command={verifyLine} />
      </li>
    </ol>
  );
}
