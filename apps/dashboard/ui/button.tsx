/** Buttons, and links that look like them. A disabled button says why. */
import Link from 'next/link';
import type { ComponentProps, ReactNode } from 'react';
import { classNames } from './class-names.ts';

type Look = 'primary' | 'secondary' | 'quiet' | 'danger';

const BASE =
  'inline-flex h-8 items-center justify-center gap-1.5 whitespace-nowrap rounded-md px-3 ' +
  'text-sm font-medium transition-colors disabled:cursor-not-allowed disabled:opacity-60';

const LOOKS: Record<Look, string> = {
  primary: 'bg-accent-fill text-accent-text hover:brightness-110',
  secondary: 'border border-line-strong bg-surface text-text hover:bg-hover',
  quiet: 'text-muted hover:bg-hover hover:text-text',
  danger: 'border border-critical text-critical hover:bg-critical-soft',
};

type ButtonProps = Omit<ComponentProps<'button'>, 'disabled'> & {
  look?: Look;
  /** Why it cannot be used now; shown on hover and read aloud. */
  disabledReason?: string | undefined;
};

export function Button({
  look = 'secondary',
  disabledReason,
  className,
  title,
  type = 'button',
  ...rest
}: ButtonProps): ReactNode {
  const reason = disabledReason ?? title;
  return (
    <button
      type={type}
      disabled={disabledReason !== undefined}
      className={classNames(BASE, LOOKS[look], className)}
      {...(reason === undefined ? {} : { title: reason })}
      {...rest}
    />
  );
}

/** A button that is only an icon: its name is compulsory. */
export function IconButton({
  label,
  className,
  ...rest
}: Omit<ComponentProps<'button'>, 'aria-label' | 'title'> & { label: string }): ReactNode {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      className={classNames(
        'inline-flex size-8 shrink-0 items-center justify-center rounded-md text-muted',
        'transition-colors hover:bg-hover hover:text-text',
        className,
      )}
      {...rest}
    />
  );
}

export function ButtonLink({
  look = 'secondary',
  className,
  ...rest
}: ComponentProps<typeof Link> & { look?: Look }): ReactNode {
  return <Link className={classNames(BASE, LOOKS[look], className)} {...rest} />;
}
