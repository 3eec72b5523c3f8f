/** A key of the keyboard, as it is printed on it. */

import type { ReactNode } from 'react';
import { classNames } from './class-names.ts';

export function KeyHint({ children }: { children: ReactNode }): ReactNode {
  return (
    <kbd
      className={classNames(
        'inline-flex h-[18px] min-w-[18px] items-center justify-center rounded',
        'border border-line-strong bg-raised px-1 text-2xs text-muted',
      )}
    >
      {children}
    </kbd>
  );
}
