/** The forms of the acts that need more than a key: close with a verdict, assign, comment. */
'use client';

import type { AlertVerdict } from '@vitrine/schema';
import { ALERT_ASSIGNEE_CHARS_MAX, ALERT_COMMENT_CHARS_MAX } from '@vitrine/schema/record';
import { type FormEvent, type KeyboardEvent, type ReactNode, useId, useState } from 'react';
import { Button } from '../../ui/button.tsx';
import type { Act } from './acts.ts';
import { VERDICTS, verdictText } from './deeds.ts';

export type FormName = 'close' | 'assign' | 'comment';

interface FormProps {
  form: FormName;
  assignee: string | null;
  /** Names that were used before. */
  names: readonly string[];
  writing: boolean;
  /** Resolves `true` when the log has it. */
  onAct: (act: Act, said: string) => Promise<boolean>;
  onCancel: () => void;
}

export function ActForm({ form, onAct, onCancel, ...props }: FormProps): ReactNode {
  const [verdict, setVerdict] = useState<AlertVerdict>(VERDICTS[0][0]);
  const [name, setName] = useState(props.assignee ?? '');
  const [comment, setComment] = useState('');
  const submit = async (event?: FormEvent): Promise<void> => {
    event?.preventDefault();
    const { act, said } = asked(form, { verdict, name: name.trim(), comment: comment.trim() });
    if (await onAct(act, said)) onCancel();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      onCancel();
    }
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void submit();
  };
  const isEmpty = form === 'comment' && comment.trim() === '';
  return (
    <form
      aria-label={TITLES[form]}
      onSubmit={submit}
      onKeyDown={onKeyDown}
      className="mt-3 flex flex-col gap-3 rounded-md border border-line-strong p-3"
    >
      {form === 'close' ? <Verdicts verdict={verdict} onChange={setVerdict} /> : null}
      {form === 'assign' ? (
        <Assignee name={name} names={props.names} onChange={setName} />
      ) : (
        <Comment text={comment} onChange={setComment} first={form === 'comment'} />
      )}
      <div className="flex flex-wrap items-center gap-2">
        <Button type="submit" look="primary" disabledReason={reasonNot(props.writing, isEmpty)}>
          {props.writing ? 'Writing …' : BUTTONS[form]}
        </Button>
        <Button look="quiet" onClick={onCancel}>
          Cancel
        </Button>
        <span className="text-xs text-faint max-sm:hidden">Ctrl Enter writes, Esc cancels</span>
      </div>
    </form>
  );
}

const TITLES = { close: 'Close the alert', assign: 'Assign the alert', comment: 'Comment' };
const BUTTONS = { close: 'Close', assign: 'Assign', comment: 'Add the comment' };

function reasonNot(writing: boolean, isEmpty: boolean): string | undefined {
  if (writing) return 'It is being written into the log';
  return isEmpty ? 'Write something first' : undefined;
}

function asked(
  form: FormName,
  given: { verdict: AlertVerdict; name: string; comment: string },
): { act: Act; said: string } {
  const { verdict, name, comment } = given;
  const note = comment === '' ? {} : { comment };
  switch (form) {
    case 'close':
      return {
        act: { state: 'closed', verdict, ...note },
        said: `Closed as ${verdictText(verdict)}`,
      };
    case 'assign':
      return {
        act: { assignee: name === '' ? null : name },
        said: name === '' ? 'Assigned to nobody' : `Assigned to ${name}`,
      };
    case 'comment':
      return { act: note, said: 'Comment added' };
  }
}

interface VerdictsProps {
  verdict: AlertVerdict;
  onChange: (verdict: AlertVerdict) => void;
}

function Verdicts({ verdict, onChange }: VerdictsProps): ReactNode {
  const name = useId();
  return (
    <fieldset className="flex flex-col gap-1.5">
      <legend className="pb-1 text-xs font-medium text-faint">Verdict</legend>
      {VERDICTS.map(([value, meaning], n) => (
        <label key={value} className="flex items-baseline gap-2 text-sm">
          <input
            type="radio"
            name={name}
            value={value}
            checked={value === verdict}
            onChange={() => onChange(value)}
            // biome-ignore lint/a11y/noAutofocus: the form was asked for by key or button
            autoFocus={n === 0}
            className="accent-accent"
          />
          <span>
            {verdictText(value)} <span className="text-muted">{meaning}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}

const FIELD =
  'mt-1 w-full rounded-md border border-line-strong bg-surface px-2 py-1.5 text-sm ' +
  'placeholder:text-faint';

interface CommentProps {
  text: string;
  onChange: (text: string) => void;
  first: boolean;
}

function Comment({ text, onChange, first }: CommentProps): ReactNode {
  return (
    <label className="text-xs font-medium text-faint">
      {first ? 'Comment' : 'Comment, if you like'}
      <textarea
        value={text}
        onChange={(event) => onChange(event.target.value)}
        maxLength={ALERT_COMMENT_CHARS_MAX}
        rows={3}
        // biome-ignore lint/a11y/noAutofocus: the form was asked for by key or button
        autoFocus={first}
        className={`${FIELD} font-normal text-text`}
      />
    </label>
  );
}

interface AssigneeProps {
  name: string;
  names: readonly string[];
  onChange: (name: string) => void;
}

function Assignee({ name, names, onChange }: AssigneeProps): ReactNode {
  const list = useId();
  return (
    <label className="text-xs font-medium text-faint">
      Name of a person; empty for nobody
      <input
        value={name}
        onChange={(event) => onChange(event.target.value)}
        maxLength={ALERT_ASSIGNEE_CHARS_MAX}
        list={list}
        autoComplete="off"
        // biome-ignore lint/a11y/noAutofocus: the form was asked for by key or button
        autoFocus
        className={`${FIELD} font-normal text-text`}
      />
      <datalist id={list}>
        {names.map((known) => (
          <option key={known} value={known} />
        ))}
      </datalist>
    </label>
  );
}
