/** The frame around a list, a table, or what stands in its place. */
import type { ComponentProps, ReactNode } from 'react';
import { classNames } from './class-names.ts';

export function Box({ className, ...rest }: ComponentProps<'div'>): ReactNode {
  return (
    <div
      className={classNames('overflow-hidden rounded-lg border border-line bg-surface', className)}
      {...rest}
    />
  );
}
