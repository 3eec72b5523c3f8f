/** The few icons, drawn on one 16 × 16 grid. Decoration only: the word beside them is the name. */
import type { ReactNode } from 'react';
import { classNames } from './class-names.ts';

interface IconProps {
  className?: string;
}

function icon(content: ReactNode): (props: IconProps) => ReactNode {
  return ({ className }) => (
    <svg
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      className={classNames('shrink-0', className ?? 'size-4')}
    >
      {content}
    </svg>
  );
}

export const SearchIcon = icon(
  <>
    <circle cx="7" cy="7" r="4.25" />
    <path d="m10.2 10.2 3.3 3.3" />
  </>,
);
export const SunIcon = icon(
  <>
    <circle cx="8" cy="8" r="2.75" />
    <path d="M8 1.5v1.2M8 13.3v1.2M1.5 8h1.2M13.3 8h1.2" />
    <path d="m3.4 3.4.9.9M11.7 11.7l.9.9M3.4 12.6l.9-.9M11.7 4.3l.9-.9" />
  </>,
);
export const MoonIcon = icon(<path d="M13.2 9.4A5.6 5.6 0 0 1 6.6 2.8a5.6 5.6 0 1 0 6.6 6.6Z" />);
export const SignOutIcon = icon(
  <>
    <path d="M6 2.5H3.5a1 1 0 0 0-1 1v9a1 1 0 0 0 1 1H6" />
    <path d="M10.5 11 13.5 8l-3-3M13.2 8H6" />
  </>,
);
export const AlertIcon = icon(
  <>
    <path d="M8 2 1.8 13h12.4L8 2Z" />
    <path d="M8 6.5v3M8 11.3v.1" />
  </>,
);
export const CloseIcon = icon(<path d="m4 4 8 8M12 4l-8 8" />);
export const ArrowRightIcon = icon(<path d="M3 8h10M9 4l4 4-4 4" />);
export const ChevronRightIcon = icon(<path d="m6 3.5 4.5 4.5L6 12.5" />);
export const ChevronLeftIcon = icon(<path d="M10 3.5 5.5 8l4.5 4.5" />);
export const BoxIcon = icon(
  <>
    <path d="M8 1.8 13.5 5v6L8 14.2 2.5 11V5L8 1.8Z" />
    <path d="M2.6 5 8 8.1 13.4 5M8 8.1v6" />
  </>,
);
export const ShieldIcon = icon(
  <path d="M8 1.8 13 3.6v4c0 3.2-2 5.4-5 6.6-3-1.2-5-3.4-5-6.6v-4L8 1.8Z" />,
);
export const PlayIcon = icon(<path d="M5 3.2v9.6L12.6 8Z" />);
export const PauseIcon = icon(<path d="M5.5 3.5v9M10.5 3.5v9" />);
