/** Names and values, two columns that line up. */

import type { ReactNode } from 'react';
import { classNames } from './class-names.ts';

export function Facts({ children }: { children: ReactNode }): ReactNode {
  return (
    <dl
      className={classNames(
        'grid grid-cols-[minmax(88px,max-content)_minmax(0,1fr)] gap-x-4',
        'gap-y-1.5 text-sm',
      )}
    >
      {children}
    </dl>
  );
}

export function Fact({ name, children }: { name: ReactNode; children: ReactNode }): ReactNode {
  return (
    <>
      <dt className="text-faint">{name}</dt>
      <dd className="min-w-0 tabular-nums">{children}</dd>
    </>
  );
}
