/** Alerts that the destination will never take as they are, and what can be done about each. */
'use client';

import type { DeadLetter } from '@vitrine/schema/api';
import { plainText } from '@vitrine/schema/text';
import { type ReactNode, useState } from 'react';
import { paths } from '../../lib/paths.ts';
import { Button } from '../../ui/button.tsx';
import { CommandLine } from '../../ui/command-line.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { LoadingState } from '../../ui/states.tsx';
import { TextLink } from '../../ui/text-link.tsx';
import { Age } from '../../ui/time.tsx';
import type { ConnectorActs } from './acts.ts';
import { useDeadLetters } from './query.ts';
import { ReasonForm } from './reason-form.tsx';

interface DeadLettersProps {
  name: string;
  acts: ConnectorActs;
  mayAct: boolean;
}

/** More than these make a page slow, and are one cause mostly: the command line lists them all. */
const SHOWN_MAX = 100;

export function DeadLetters({ name, acts, mayAct }: DeadLettersProps): ReactNode {
  const { data: letters, error } = useDeadLetters(name);
  const [dropping, setDropping] = useState<string>();
  const [isDroppingAll, setDroppingAll] = useState(false);
  const busy = acts.busy ? { disabledReason: 'It is being done' } : {};
  if (letters === undefined) {
    return error === null ? (
      <LoadingState label="The dead letters are loading." rows={2} />
    ) : (
      <p role="alert" className="px-4 pb-4 text-sm text-critical">
        <SafeText text={`They could not be loaded: ${error.message}`} />
      </p>
    );
  }
  if (letters.length === 0) return <p className="px-4 pb-4 text-sm text-muted">There are none.</p>;
  return (
    <div className="px-4 pb-4">
      {mayAct ? (
        <div className="flex flex-wrap gap-2">
          <Button {...busy} onClick={() => acts.replay('all')}>
            Send all again
          </Button>
          <Button {...busy} look="danger" onClick={() => setDroppingAll(true)}>
            Drop all …
          </Button>
        </div>
      ) : null}
      {isDroppingAll ? (
        <ReasonForm
          title={`Drop all dead letters of ${plainText(name)}`}
          action="Drop all"
          busy={acts.busy}
          onSubmit={(reason) => acts.drop('all', reason)}
          onCancel={() => setDroppingAll(false)}
        />
      ) : null}
      <ul aria-label="Dead letters" className="mt-2">
        {letters.slice(0, SHOWN_MAX).map((letter) => (
          <LetterItem
            key={letter.id}
            letter={letter}
            acts={acts}
            mayAct={mayAct}
            isDropping={dropping === letter.id}
            onDropping={setDropping}
          />
        ))}
      </ul>
      {letters.length > SHOWN_MAX ? (
        <p className="text-sm text-muted">
          {letters.length - SHOWN_MAX} more:{' '}
          <CommandLine command={`npx --no vitrine connectors dead-letters ${plainText(name)}`} />
        </p>
      ) : null}
    </div>
  );
}

interface LetterItemProps extends Pick<DeadLettersProps, 'acts' | 'mayAct'> {
  letter: DeadLetter;
  /** Whether the reason is being asked for. */
  isDropping: boolean;
  onDropping: (id: string | undefined) => void;
}

function LetterItem(props: LetterItemProps): ReactNode {
  const { letter, acts, mayAct, isDropping, onDropping } = props;
  const { id } = letter;
  const busy = acts.busy ? { disabledReason: 'It is being done' } : {};
  return (
    <li className="border-t border-line py-2.5 first:border-t-0">
      <Letter letter={letter} />
      {mayAct ? (
        <div className="mt-1.5 flex flex-wrap gap-2">
          <Button {...busy} onClick={() => acts.replay([id])}>
            Send again
            <span className="sr-only">: {id}</span>
          </Button>
          <Button {...busy} look="quiet" onClick={() => onDropping(id)}>
            Drop …<span className="sr-only">: {id}</span>
          </Button>
        </div>
      ) : null}
      {isDropping ? (
        <ReasonForm
          title={`Drop ${id}`}
          action="Drop"
          busy={acts.busy}
          onSubmit={(reason) => acts.drop([id], reason)}
          onCancel={() => onDropping(undefined)}
        />
      ) : null}
    </li>
  );
}

function Letter({ letter }: { letter: DeadLetter }): ReactNode {
  const { id, index, session, rule, reason, attempts, at } = letter;
  return (
    <>
      <p className="flex flex-wrap items-baseline gap-x-2 text-sm">
        <TextLink href={paths.alerts({ a: index })}>
          <SafeText text={rule === '' ? 'Alert' : rule} />
          <span className="sr-only">: the alert, leaf {index}</span>
        </TextLink>
        <span className="min-w-0 truncate text-muted" title={plainText(session)}>
          <SafeText text={session} />
        </span>
        <Age ns={at} className="text-xs text-faint" />
      </p>
      <p className="mt-0.5 text-sm [overflow-wrap:anywhere]">
        <SafeText text={reason} />
      </p>
      <p className="mt-0.5 text-xs text-faint">
        <code className="[overflow-wrap:anywhere]">{id}</code>, leaf {index}, attempts: {attempts}
      </p>
    </>
  );
}
