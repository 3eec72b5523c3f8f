/** Contents that the record commits to. Looking into one is itself recorded: it takes a click. */
'use client';

import type { EventItem } from '@vitrine/schema/api';
import { type ReactNode, useState } from 'react';
import { useRefusal } from '../../lib/access.ts';
import { type ApiFailure, asFailure } from '../../lib/api/client.ts';
import { Button } from '../../ui/button.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { EmptyState, ErrorState, LoadingState } from '../../ui/states.tsx';
import { RowBadge } from '../proof/row-badge.tsx';
import { goneText } from './gone-text.ts';
import { partView } from './part-view.ts';
import { type ReadPart, readPart, useEventDetail } from './queries.ts';

export function PartsTab({ item }: { item: EventItem }): ReactNode {
  const { data, error, refetch } = useEventDetail(item);
  const refusal = useRefusal('part.read');
  if (error !== null) {
    const retry = (): void => void refetch();
    return <ErrorState error={error} title="The parts could not be listed" retry={retry} />;
  }
  if (data === undefined) return <LoadingState label="Loading the parts" rows={3} />;
  const committed = Object.keys(Object(item.record.parts));
  if (committed.length === 0) {
    return (
      <EmptyState title="No parts">
        All that is known of this event stands in its record.
      </EmptyState>
    );
  }
  const sizes = new Map(data.parts.map(({ name, bytes }) => [name, bytes]));
  const gone = new Map(data.gone.map((part) => [part.name, goneText(item.log, part)]));
  return (
    <div className="flex flex-col gap-3">
      <p className="text-sm text-muted">
        Sensitive or large content is kept beside the record, which commits to it. Reading a part is
        written into the log, with your token.{refusal === undefined ? '' : ` ${refusal}`}
      </p>
      {committed.map((name) => (
        <Part key={name} item={item} name={name} bytes={sizes.get(name)} gone={gone.get(name)} />
      ))}
    </div>
  );
}

interface PartProps {
  item: EventItem;
  name: string;
  /** Absent: the content is not there any more. */
  bytes: number | undefined;
  /** Why it is not there any more. */
  gone: string | undefined;
}

type Reading =
  | { is: 'closed' }
  | { is: 'reading' }
  | { is: 'read'; part: ReadPart }
  | { is: 'failed'; failure: ApiFailure };

function Part({ item, name, bytes, gone }: PartProps): ReactNode {
  const [reading, setReading] = useState<Reading>({ is: 'closed' });
  const refusal = useRefusal('part.read');
  const read = async (): Promise<void> => {
    setReading({ is: 'reading' });
    try {
      setReading({ is: 'read', part: await readPart(item, name) });
    } catch (error) {
      setReading({ is: 'failed', failure: asFailure(error) });
    }
  };
  return (
    <section aria-label={`Part ${name}`} className="rounded-md border border-line">
      <div className="flex min-h-11 flex-wrap items-center gap-3 px-3 py-1.5">
        <SafeText text={name} className="font-mono text-sm font-medium" />
        <span className="mr-auto text-xs text-faint tabular-nums">
          {bytes === undefined ? <SafeText text={gone ?? 'content not there'} /> : sizeText(bytes)}
        </span>
        {bytes !== undefined && reading.is === 'closed' ? (
          <Button className="h-7 px-2 text-xs" disabledReason={refusal} onClick={read}>
            Read (is recorded)
          </Button>
        ) : null}
      </div>
      {reading.is === 'reading' ? <LoadingState label={`Reading part ${name}`} rows={2} /> : null}
      {reading.is === 'failed' ? (
        <ErrorState error={reading.failure} title="The part could not be read" retry={read} />
      ) : null}
      {reading.is === 'read' ? <Content {...reading.part} /> : null}
    </section>
  );
}

function Content({ bytes, fault }: ReadPart): ReactNode {
  const { form, text, hiddenBytes } = partView(bytes);
  return (
    <div className="border-t border-line">
      {fault === undefined ? null : (
        <p role="alert" className="flex items-start gap-2.5 p-3 text-sm">
          <RowBadge state="broken" />
          <SafeText text={fault} />
        </p>
      )}
      {form === 'empty' ? (
        <p className="p-3 text-sm">It is empty.</p>
      ) : (
        <Shown form={form} text={text} hiddenBytes={hiddenBytes} />
      )}
    </div>
  );
}

function Shown({ form, text, hiddenBytes }: ReturnType<typeof partView>): ReactNode {
  return (
    <>
      <div className="flex items-center justify-between pl-3 text-xs text-faint">
        <span>{form}</span>
        <CopyButton label="Copy" text={() => text} />
      </div>
      <pre
        className={`max-h-[28rem] overflow-auto bg-canvas p-3 text-xs leading-relaxed ${
          form === 'binary' ? '' : 'whitespace-pre-wrap'
        }`}
      >
        <SafeText text={text} />
      </pre>
      {hiddenBytes === 0 ? null : (
        <p className="p-3 text-xs text-muted">
          {`${sizeText(hiddenBytes)} more are not shown. The evidence file has all of it.`}
        </p>
      )}
    </>
  );
}

const KIB = 1_024;

function sizeText(bytes: number): string {
  if (bytes < KIB) return `${bytes} byte${bytes === 1 ? '' : 's'}`;
  if (bytes < KIB * KIB) return `${(bytes / KIB).toFixed(1)} KiB`;
  return `${(bytes / KIB / KIB).toFixed(1)} MiB`;
}
