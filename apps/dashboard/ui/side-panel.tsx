/** What is opened from a list: beside it where there is room, else in its place. */
'use client';

import { type ReactNode, useEffect, useId, useRef } from 'react';
import { IconButton } from './button.tsx';
import { classNames } from './class-names.ts';
import { CloseIcon } from './icons.tsx';

/** Below Tailwind's `lg`. */
const NARROW = '(width < 64rem)';

interface SidePanelProps {
  /** `Alert`; its button is then `Close the alert`. */
  name: string;
  onClose: () => void;
  children: ReactNode;
}

export function SidePanel({ name, onClose, children }: SidePanelProps): ReactNode {
  const section = useRef<HTMLElement>(null);
  useEffect(() => {
    // On a narrow screen it stands in the place of the list, which had the focus.
    if (matchMedia(NARROW).matches) section.current?.focus({ preventScroll: true });
  }, []);
  return (
    <section
      ref={section}
      tabIndex={-1}
      aria-label={name}
      className={classNames(
        'rounded-lg border border-line bg-surface outline-none',
        'lg:max-h-[calc(100dvh-5rem)] lg:overflow-y-auto',
        // What says that it is not up to date stands beside the button that closes, not under it.
        '[&>[role=alert]]:pr-14',
      )}
    >
      <div className="sticky top-2 z-20 flex h-0 justify-end pr-2">
        <IconButton
          label={`Close the ${name.toLowerCase()}`}
          onClick={onClose}
          className="bg-surface"
        >
          <CloseIcon />
        </IconButton>
      </div>
      {children}
    </section>
  );
}

interface SideSectionProps {
  title: ReactNode;
  children: ReactNode;
}

export function SideSection({ title, children }: SideSectionProps): ReactNode {
  const id = useId();
  return (
    <section aria-labelledby={id} className="border-t border-line">
      <h3 id={id} className="px-4 pt-3 pb-2 text-xs font-medium text-faint">
        {title}
      </h3>
      {children}
    </section>
  );
}

/** A list and, where one of it is opened, the panel beside it. */
export function WithSidePanel({ panel, children }: { panel: ReactNode; children: ReactNode }) {
  const isOpen = panel !== null;
  return (
    <div
      className={classNames(
        'grid items-start gap-4',
        isOpen && 'lg:grid-cols-[minmax(0,1fr)_minmax(0,500px)]',
      )}
    >
      <div className={classNames('min-w-0', isOpen && 'max-lg:hidden')}>{children}</div>
      {isOpen ? <div className="min-w-0 lg:sticky lg:top-16">{panel}</div> : null}
    </div>
  );
}
