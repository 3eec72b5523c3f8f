/** The parts of a plain data table: quiet heads, thin lines, figures that line up. */
import type { ComponentProps, ReactNode } from 'react';
import { classNames } from './class-names.ts';

/** `label` names the table for those who do not see it. */
export function Table({
  label,
  className,
  ...rest
}: Omit<ComponentProps<'table'>, 'aria-label'> & { label: string }): ReactNode {
  return (
    <table
      aria-label={label}
      className={classNames('w-full border-collapse text-left text-sm tabular-nums', className)}
      {...rest}
    />
  );
}

export function HeadCell({ className, ...rest }: ComponentProps<'th'>): ReactNode {
  return (
    <th
      scope="col"
      className={classNames(
        'h-8 border-b border-line px-3 text-xs font-medium whitespace-nowrap text-faint',
        className,
      )}
      {...rest}
    />
  );
}

/** `end`: its figures line up at the right. */
export type Column = [head: string, width: string, end?: 'end'];

export function Heads({ columns }: { columns: readonly Column[] }): ReactNode {
  return (
    <thead>
      <tr>
        {columns.map(([head, width, end]) => (
          <HeadCell key={head} className={classNames(width, end === 'end' && 'text-right')}>
            {head}
          </HeadCell>
        ))}
      </tr>
    </thead>
  );
}

export function Row({ className, ...rest }: ComponentProps<'tr'>): ReactNode {
  return (
    <tr
      className={classNames('border-b border-line last:border-b-0 hover:bg-hover', className)}
      {...rest}
    />
  );
}

export function Cell({ className, ...rest }: ComponentProps<'td'>): ReactNode {
  return <td className={classNames('px-3 py-2 align-middle', className)} {...rest} />;
}
