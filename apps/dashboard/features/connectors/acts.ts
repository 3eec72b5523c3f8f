/**
 * What a person does with a connector. Nothing is shown as done before the API has answered, which
 * it does when the deed is durable and on its way into the log.
 */
'use client';

import type { ConnectorItem, DropAnswer, ReplayAnswer } from '@vitrine/schema/api';
import { useState } from 'react';
import { type ApiFailure, asFailure, postJson } from '../../lib/api/client.ts';
import { useRenewConnectors } from './query.ts';
import { countText } from './words.ts';

export type Told =
  | { phase: 'doing' }
  | { phase: 'done'; said: string }
  | { phase: 'failed'; failure: ApiFailure };

export interface ConnectorActs {
  told: Told | undefined;
  busy: boolean;
  /** Each resolves `true` when it is done. */
  pause(reason: string): Promise<boolean>;
  resume(): Promise<boolean>;
  replay(ids: string[] | 'all'): Promise<boolean>;
  drop(ids: string[] | 'all', reason: string): Promise<boolean>;
}

export function useConnectorActs(name: string): ConnectorActs {
  const [told, setTold] = useState<Told>();
  const renew = useRenewConnectors();
  const run = async <Answer>(
    verb: string,
    body: object,
    said: (answer: Answer) => string,
  ): Promise<boolean> => {
    setTold({ phase: 'doing' });
    try {
      const path = `/v1/connectors/${encodeURIComponent(name)}/${verb}`;
      const answer = await postJson<Answer>(path, body);
      await renew();
      setTold({ phase: 'done', said: said(answer) });
      return true;
    } catch (error) {
      await renew();
      setTold({ phase: 'failed', failure: asFailure(error) });
      return false;
    }
  };
  return {
    told,
    busy: told?.phase === 'doing',
    pause: (reason) =>
      run<ConnectorItem>('pause', { reason }, () => 'Paused. Nothing is sent until it resumes.'),
    resume: () => run<ConnectorItem>('resume', {}, () => 'Resumed.'),
    replay: (ids) =>
      run<ReplayAnswer>('replay', { ids }, ({ queued }) => {
        const letters = countText(queued, 'dead letter is', 'dead letters are');
        return `${letters} on the way again, under the old ids.`;
      }),
    drop: (ids, reason) =>
      run<DropAnswer>('drop', { ids, reason }, ({ dropped }) => {
        return `${countText(dropped, 'dead letter', 'dead letters')} dropped.`;
      }),
  };
}
