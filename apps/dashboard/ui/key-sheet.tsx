/** The keys of a page, in a dialog that `?` opens. */
'use client';

import { type ReactNode, useEffect, useId, useRef } from 'react';
import { Button, IconButton } from './button.tsx';
import { CloseIcon } from './icons.tsx';
import { KeyHint } from './key-hint.tsx';

/** Opens the sheet of the page's keys, for who does not know that `?` does. */
export function KeysButton({ onOpen }: { onOpen: () => void }): ReactNode {
  return (
    <Button look="quiet" onClick={onOpen} className="max-sm:hidden">
      Keys <KeyHint>?</KeyHint>
    </Button>
  );
}

interface KeySheetProps {
  keys: readonly (readonly [key: string, meaning: string])[];
  onClose: () => void;
}

export function KeySheet({ keys, onClose }: KeySheetProps): ReactNode {
  const dialog = useRef<HTMLDialogElement>(null);
  const title = useId();
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog
      ref={dialog}
      aria-labelledby={title}
      onClose={onClose}
      className={
        'm-auto w-[min(26rem,calc(100vw-2rem))] rounded-lg border border-line-strong ' +
        'bg-surface p-4 text-text shadow-lg backdrop:bg-black/40'
      }
    >
      <div className="flex items-center justify-between gap-3 pb-2">
        <h2 id={title} className="text-sm font-semibold">
          Keys
        </h2>
        <IconButton label="Close" onClick={() => dialog.current?.close()}>
          <CloseIcon />
        </IconButton>
      </div>
      <dl className="grid grid-cols-[max-content_1fr] items-center gap-x-4 gap-y-2 text-sm">
        {keys.map(([key, meaning]) => (
          <div key={key} className="contents">
            <dt>
              <KeyHint>{key}</KeyHint>
            </dt>
            <dd className="text-muted">{meaning}</dd>
          </div>
        ))}
      </dl>
    </dialog>
  );
}
