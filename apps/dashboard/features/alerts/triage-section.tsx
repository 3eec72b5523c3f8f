/** Where an alert stands, what can be done with it, and who did what: each line is a record. */
'use client';

import type { ActItem, AlertAnswer } from '@vitrine/schema/api';
import type { ReactNode } from 'react';
import { useRefusal } from '../../lib/access.ts';
import { paths } from '../../lib/paths.ts';
import { AlertStateBadge } from '../../ui/alert-state.tsx';
import { Button } from '../../ui/button.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { TextLink } from '../../ui/text-link.tsx';
import { Age } from '../../ui/time.tsx';
import { ActForm, type FormName } from './act-forms.tsx';
import type { Acts } from './acts.ts';
import { deedOf, verdictText } from './deeds.ts';

export interface TriageProps {
  acts: Acts;
  form: FormName | null;
  names: readonly string[];
  onForm: (form: FormName | null) => void;
}

export function TriageSection({
  answer,
  ...props
}: TriageProps & { answer: AlertAnswer }): ReactNode {
  const { acts, form, names, onForm } = props;
  const { triage, history, index } = answer;
  const refusal = useRefusal('alert.triage');
  const writing = acts.told?.phase === 'writing' && acts.told.index === index;
  return (
    <div className="px-4 pb-4">
      <p className="flex flex-wrap items-center gap-x-2 gap-y-1 text-sm">
        <AlertStateBadge state={triage.state} />
        {triage.verdict === null ? null : <span>{verdictText(triage.verdict)}</span>}
        <span className="text-muted">
          {triage.assignee === null ? (
            'nobody has it'
          ) : (
            <>
              <SafeText text={triage.assignee} /> has it
            </>
          )}
        </span>
      </p>
      {refusal === undefined ? (
        <Buttons answer={answer} writing={writing} acts={acts} onForm={onForm} />
      ) : (
        <p className="mt-2 text-sm text-muted">To act on it: {refusal}</p>
      )}
      {form === null || refusal !== undefined ? null : (
        <ActForm
          key={form}
          form={form}
          assignee={triage.assignee}
          names={names}
          writing={writing}
          onAct={(act, said) => acts.run(answer, act, said)}
          onCancel={() => onForm(null)}
        />
      )}
      {history.length === 0 ? null : (
        <ol aria-label="History" className="mt-3 flex flex-col gap-2 border-t border-line pt-3">
          {history.map((act, n) => (
            <HistoryLine key={act.index} act={act} before={history[n - 1]} />
          ))}
        </ol>
      )}
    </div>
  );
}

interface ButtonsProps {
  answer: AlertAnswer;
  writing: boolean;
  acts: Acts;
  onForm: (form: FormName) => void;
}

function Buttons({ answer, writing, acts, onForm }: ButtonsProps): ReactNode {
  const { state } = answer.triage;
  const busy = writing ? { disabledReason: 'It is being written into the log' } : {};
  return (
    <div className="mt-3 flex flex-wrap gap-2">
      {state === 'open' ? (
        <Button
          look="primary"
          {...busy}
          onClick={() => acts.run(answer, { state: 'acknowledged' }, 'Acknowledged')}
        >
          Acknowledge
        </Button>
      ) : null}
      {state === 'closed' ? (
        <Button {...busy} onClick={() => acts.run(answer, { state: 'open' }, 'Reopened')}>
          Reopen
        </Button>
      ) : (
        <Button {...busy} onClick={() => onForm('close')}>
          Close …
        </Button>
      )}
      <Button {...busy} onClick={() => onForm('assign')}>
        Assign …
      </Button>
      <Button {...busy} onClick={() => onForm('comment')}>
        Comment …
      </Button>
    </div>
  );
}

interface HistoryLineProps {
  act: ActItem;
  before: ActItem | undefined;
}

function HistoryLine({ act, before }: HistoryLineProps): ReactNode {
  const { by, t, log, index } = act;
  return (
    <li className="text-sm">
      <p className="flex flex-wrap gap-x-2 text-muted">
        <span className="text-text">
          <SafeText text={deedOf(act, before)} />
        </span>
        <span>
          by <SafeText text={actorOf(by)} />
        </span>
        <Age ns={t} />
        <TextLink href={paths.search(`${log}/${index}`)}>
          leaf {index}
          <span className="sr-only">: the record of this</span>
        </TextLink>
      </p>
      {act.has_comment ? <CommentText act={act} /> : null}
    </li>
  );
}

function CommentText({ act: { comment, gone } }: { act: ActItem }): ReactNode {
  if (comment !== null) {
    return (
      <blockquote className="mt-1 border-l-2 border-line-strong pl-3">
        {comment
          .split('\n')
          .map((text, n) => ({ text, n }))
          .map(({ text, n }) => (
            <p key={n}>
              <SafeText text={text} />
            </p>
          ))}
      </blockquote>
    );
  }
  const why =
    gone === undefined
      ? 'Your role does not show comments.'
      : `The comment is gone (${gone.by}${placeOf(gone.index)}).`;
  return <p className="mt-1 border-l-2 border-line pl-3 text-faint">{why}</p>;
}

function placeOf(index: number | undefined): string {
  return index === undefined ? '' : `, leaf ${index}`;
}

/** The name a token is noted as, and its id: the name alone could be anybody’s. */
function actorOf(by: ActItem['by']): string {
  const { name, role, token } = by ?? {};
  return `${typeof name === 'string' ? name : String(role ?? 'unknown')} (${String(token ?? '?')})`;
}
