/** The record itself: the exact canonical text that was hashed, or the same with line breaks. */
'use client';

import { writeCanonical } from '@vitrine/chain/verify';
import type { EventItem } from '@vitrine/schema/api';
import { type ReactNode, useMemo, useState } from 'react';
import { Button } from '../../ui/button.tsx';
import { classNames } from '../../ui/class-names.ts';
import { CopyButton } from '../../ui/copy-button.tsx';
import { SafeText } from '../../ui/safe-text.tsx';

export function RecordTab({ item: { record, leaf } }: { item: EventItem }): ReactNode {
  const [exact, setExact] = useState(false);
  const canonical = useMemo(() => canonicalText(record), [record]);
  const text = exact && canonical !== undefined ? canonical : JSON.stringify(record, null, 2);
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center gap-2">
        <fieldset aria-label="Form" className="flex gap-1">
          <Form on={!exact} onClick={() => setExact(false)}>
            Indented
          </Form>
          <Form on={exact} onClick={() => setExact(true)}>
            Exact bytes
          </Form>
        </fieldset>
        <CopyButton label="Copy record" text={() => canonical ?? text} />
      </div>
      <p className="text-xs text-muted">{words(canonical, exact)}</p>
      <pre
        className={classNames(
          'overflow-x-auto rounded-md border border-line bg-canvas p-3 text-xs',
          'leading-relaxed whitespace-pre-wrap',
        )}
      >
        <SafeText text={text} />
      </pre>
      <p className="text-xs text-muted">
        Its leaf hash: <code className="[overflow-wrap:anywhere]">{leaf}</code>
      </p>
    </div>
  );
}

function words(canonical: string | undefined, exact: boolean): string {
  if (canonical === undefined) {
    return 'This is no canonical record: it holds what no record of a log may hold.';
  }
  const bytes = new TextEncoder().encode(canonical).length.toLocaleString('en');
  return exact
    ? `These ${bytes} bytes are what the leaf hash is made of.`
    : `For reading. What was hashed are ${bytes} bytes without line breaks; copying gives those.`;
}

function canonicalText(record: EventItem['record']): string | undefined {
  try {
    return new TextDecoder().decode(writeCanonical(record));
  } catch {
    return undefined;
  }
}

function Form(props: { on: boolean; onClick(): void; children: ReactNode }): ReactNode {
  return (
    <Button
      look={props.on ? 'secondary' : 'quiet'}
      aria-pressed={props.on}
      className="h-7 px-2 text-xs"
      onClick={props.onClick}
    >
      {props.children}
    </Button>
  );
}
