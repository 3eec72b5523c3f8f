/** How the last act went, at the edge of the page: read aloud, and gone when it is closed. */
import type { ReactNode } from 'react';
import { paths } from '../../lib/paths.ts';
import { IconButton } from '../../ui/button.tsx';
import { classNames } from '../../ui/class-names.ts';
import { CloseIcon } from '../../ui/icons.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { TextLink } from '../../ui/text-link.tsx';
import type { Told } from './acts.ts';

interface ActNoticeProps {
  told: Told | undefined;
  onClose: () => void;
}

export function ActNotice({ told, onClose }: ActNoticeProps): ReactNode {
  const failed = told?.phase === 'failed';
  return (
    <div
      role={failed ? 'alert' : 'status'}
      className="fixed inset-x-4 bottom-4 z-40 flex justify-center"
    >
      {told === undefined ? null : (
        <div
          className={classNames(
            'flex max-w-[72ch] items-center gap-3 rounded-lg border bg-surface py-1.5 pr-1.5 pl-4',
            'text-sm shadow-lg',
            failed ? 'border-critical' : 'border-line-strong',
          )}
        >
          <p className="min-w-0">
            <Words told={told} />
          </p>
          <IconButton label="Close the message" onClick={onClose}>
            <CloseIcon />
          </IconButton>
        </div>
      )}
    </div>
  );
}

function Words({ told }: { told: Told }): ReactNode {
  switch (told.phase) {
    case 'writing':
      return 'Writing it into the log …';
    case 'queued':
      return 'Durable, but not in the log yet: its store is slow or away. It comes by itself.';
    case 'written':
      return (
        <>
          <SafeText text={told.said} />. The log has it:{' '}
          <TextLink href={paths.search(`${told.log}/${told.leaf}`)}>leaf {told.leaf}</TextLink>
        </>
      );
    case 'failed':
      return (
        <>
          Nothing was written: <SafeText text={told.failure.message} />.{' '}
          <SafeText text={told.failure.hint} />
        </>
      );
  }
}
