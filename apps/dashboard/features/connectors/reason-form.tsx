/** Asks for the reason of what stops alerts from being sent: it goes into the log. */
'use client';

import { CONNECTOR_REASON_CHARS_MAX } from '@vitrine/schema/record';
import { type FormEvent, type KeyboardEvent, type ReactNode, useState } from 'react';
import { Button } from '../../ui/button.tsx';

interface ReasonFormProps {
  /** Names the form: `Pause soc-webhook`. */
  title: string;
  /** What its button says. */
  action: string;
  busy: boolean;
  /** Resolves `true` when it is done. */
  onSubmit: (reason: string) => Promise<boolean>;
  onCancel: () => void;
}

export function ReasonForm(props: ReasonFormProps): ReactNode {
  const { title, action, busy, onSubmit, onCancel } = props;
  const [reason, setReason] = useState('');
  const isEmpty = reason.trim() === '';
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (!isEmpty && (await onSubmit(reason.trim()))) onCancel();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape') return;
    event.preventDefault();
    event.stopPropagation();
    onCancel();
  };
  return (
    <form
      aria-label={title}
      onSubmit={submit}
      onKeyDown={onKeyDown}
      className="relative z-10 mt-3 flex flex-col gap-3 rounded-md border border-line-strong p-3"
    >
      <label className="text-xs font-medium text-faint">
        Reason, for the log
        <input
          value={reason}
          onChange={(event) => setReason(event.target.value)}
          maxLength={CONNECTOR_REASON_CHARS_MAX}
          autoComplete="off"
          // biome-ignore lint/a11y/noAutofocus: the form was asked for by a button
          autoFocus
          className={
            'mt-1 w-full rounded-md border border-line-strong bg-surface px-2 py-1.5 text-sm ' +
            'font-normal text-text'
          }
        />
      </label>
      <div className="flex flex-wrap items-center gap-2">
        <Button type="submit" look="primary" disabledReason={reasonNot(busy, isEmpty)}>
          {action}
        </Button>
        <Button look="quiet" onClick={onCancel}>
          Cancel
        </Button>
      </div>
    </form>
  );
}

function reasonNot(busy: boolean, isEmpty: boolean): string | undefined {
  if (busy) return 'It is being done';
  return isEmpty ? 'Say why first' : undefined;
}
