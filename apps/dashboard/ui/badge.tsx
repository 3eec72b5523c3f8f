/** A short word about a thing, with a shape where its colour means something. */
import type { ReactNode } from 'react';
import { classNames } from './class-names.ts';

export type Tone =
  | 'neutral'
  | 'accent'
  | 'critical'
  | 'high'
  | 'medium'
  | 'low'
  | 'informational'
  | 'sealed'
  | 'pending'
  | 'gap'
  | 'broken';

const TONES: Record<Tone, string> = {
  neutral: 'bg-raised text-muted',
  accent: 'bg-accent-soft text-accent',
  critical: 'bg-critical-soft text-critical',
  high: 'bg-high-soft text-high',
  medium: 'bg-medium-soft text-medium',
  low: 'bg-low-soft text-low',
  informational: 'bg-informational-soft text-informational',
  sealed: 'bg-sealed-soft text-sealed',
  pending: 'bg-pending-soft text-pending',
  gap: 'bg-gap-soft text-gap',
  broken: 'bg-broken-soft text-broken',
};

interface BadgeProps {
  tone?: Tone;
  icon?: ReactNode;
  title?: string | undefined;
  className?: string;
  children: ReactNode;
}

export function Badge({
  tone = 'neutral',
  icon,
  title,
  className,
  children,
}: BadgeProps): ReactNode {
  return (
    <span
      {...(title === undefined ? {} : { title })}
      className={classNames(
        'inline-flex h-5 items-center gap-1 rounded px-1.5 align-middle',
        'text-xs font-medium whitespace-nowrap',
        TONES[tone],
        className,
      )}
    >
      {icon}
      {children}
    </span>
  );
}
