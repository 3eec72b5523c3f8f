/** Which keys this browser trusts and since when; the reader's own file; forgetting the pin. */
'use client';

import { TITLE_CHARS_MAX, TRUST_BYTES_MAX } from '@vitrine/schema/record';
import { type ChangeEvent, type ReactNode, useId, useRef, useState } from 'react';
import { Button } from '../../ui/button.tsx';
import { CommandLine } from '../../ui/command-line.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { isKept, pinStorage } from './browser.ts';
import { SHOW_TRUST } from './commands.ts';
import { dayOf, logKeysOf, pinFile, readPin, type StoredPin, unpin } from './trust-pin.ts';

interface TrustSectionProps {
  /** Called after the reader has chosen other keys. */
  onChange: () => void;
}

/** Shown in a page only: it reads the browser's storage while it renders. */
export function TrustSection({ onChange }: TrustSectionProps): ReactNode {
  const heading = useId();
  const input = useRef<HTMLInputElement>(null);
  const [refusal, setRefusal] = useState('');
  const stored = readPin(pinStorage());

  const load = async (event: ChangeEvent<HTMLInputElement>): Promise<void> => {
    const { files } = event.target;
    const file = files?.[0];
    if (file === undefined) return;
    const problem = await keepFile(file);
    event.target.value = '';
    setRefusal(problem);
    if (problem === '') onChange();
  };
  const forget = (): void => {
    unpin(pinStorage());
    setRefusal('');
    onChange();
  };

  return (
    <section aria-labelledby={heading} className="flex flex-col gap-2 text-sm">
      <p id={heading} className="font-semibold">
        Whom this browser trusts
      </p>
      <Trusted stored={stored} />
      <div className="flex flex-wrap gap-2">
        <Button onClick={() => input.current?.click()}>Use your own trust file</Button>
        {stored.state === 'none' ? null : (
          <Button look="quiet" onClick={forget}>
            {stored.state === 'pinned' && stored.pin.source === 'file'
              ? 'Forget this file and pin on next use'
              : 'Forget this pin and pin the key of now'}
          </Button>
        )}
        <input
          ref={input}
          type="file"
          accept=".txt,text/plain"
          aria-label="Trust file"
          className="hidden"
          onChange={load}
        />
      </div>
      {refusal === '' ? null : (
        <p role="alert" className="text-broken">
          <SafeText text={refusal} />
        </p>
      )}
    </section>
  );
}

function Trusted({ stored }: { stored: StoredPin }): ReactNode {
  if (stored.state === 'none') return <p className="text-muted">No key is pinned yet.</p>;
  if (stored.state === 'unreadable') {
    return (
      <p className="text-broken">
        What this browser has stored as its pin cannot be read. It was not replaced: forget it, or
        load a trust file.
      </p>
    );
  }
  const { pin } = stored;
  const keys = logKeysOf(pin.text);
  return (
    <>
      <ul className="font-mono text-xs">
        {keys.map(({ origin, keyId, key }) => (
          <li key={`${origin} ${key}`}>
            <SafeText text={`${keyId} of ${origin}`} />
          </li>
        ))}
      </ul>
      {pin.source === 'file' ? (
        <p className="text-muted">
          From your own file <SafeText text={pin.name} />, {dayOf(pin)}.
        </p>
      ) : (
        <div className="flex flex-col items-start gap-1.5 text-muted">
          <p>
            Pinned on first use {dayOf(pin)}, as the server named it then: compare with what this
            prints on the machine of the log.
          </p>
          <CommandLine command={SHOW_TRUST} />
        </div>
      )}
      {isKept(pinStorage()) ? null : (
        <p className="text-muted">This browser keeps nothing: the pin ends with this page.</p>
      )}
    </>
  );
}

/** What is wrong with the file, or nothing. */
async function keepFile(file: File): Promise<string> {
  if (file.size > TRUST_BYTES_MAX) return `${file.name} is too large for a trust file.`;
  try {
    const text = await file.text();
    pinFile(pinStorage(), { text, name: file.name }, new Date().toISOString());
    return '';
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return `${file.name} was not taken: ${reason.slice(0, TITLE_CHARS_MAX)}.`;
  }
}
