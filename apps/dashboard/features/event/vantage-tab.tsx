/** Who saw an event, how it came here, and who could have lied about it. */
'use client';

import type { EventItem } from '@vitrine/schema/api';
import type { ReactNode } from 'react';
import { dateTimeText, utcText } from '../../lib/time.ts';
import { SafeText } from '../../ui/safe-text.tsx';
import { VantageMark } from '../../ui/vantage-mark.tsx';
import { vantageWords, viaWords } from './vantage-words.ts';

export function VantageTab({ item }: { item: EventItem }): ReactNode {
  const { vantage, via, peer, sandbox, observed, shim, seq, session } = item;
  const { saw, couldLie } = vantageWords(vantage);
  const facts: [name: string, value: string, title?: string][] = [
    ['how it came', viaWords(via)],
    ['from', peer],
    ['sandbox', sandbox],
    ['chain', `${session}/${shim}${seq === null ? '' : `, record ${seq}`}`],
    ['received', observed === '0' ? '' : dateTimeText(observed), utcText(observed)],
  ];
  return (
    <div className="flex flex-col gap-4">
      <div className="text-base font-semibold">
        <VantageMark vantage={vantage} />
      </div>
      <p className="text-sm">{saw}</p>
      <p className="border-l-2 border-line-strong pl-3 text-sm text-muted">{couldLie}</p>
      <dl className="grid grid-cols-[minmax(88px,auto)_1fr] gap-x-4 gap-y-1.5 text-xs">
        {facts
          .filter(([, value]) => value !== '')
          .map(([name, value, title]) => (
            <div key={name} className="contents" {...(title === undefined ? {} : { title })}>
              <dt className="text-faint">{name}</dt>
              <dd className="font-mono">
                <SafeText text={value} />
              </dd>
            </div>
          ))}
      </dl>
      <p className="text-xs text-faint">
        The collector sets the vantage from the way the source was registered; nothing in the event
        can raise it. The log proves that this was recorded and not changed since, never that its
        observer told the truth.
      </p>
    </div>
  );
}
