/** A link in or beside a text: told from it by its line, not by its colour alone. */
import Link from 'next/link';
import type { ComponentProps, ReactNode } from 'react';
import { classNames } from './class-names.ts';

export const TEXT_LINK =
  'text-accent underline decoration-line-strong underline-offset-2 hover:decoration-current';

export function TextLink({ className, ...rest }: ComponentProps<typeof Link>): ReactNode {
  return <Link className={classNames(TEXT_LINK, className)} {...rest} />;
}
