/**
 * What a person does with an alert. Nothing is shown as done before the log has it: the answer
 * names the record, and only then is the page read again.
 */
'use client';

import type { ActAnswer, ActRequest, AlertItem } from '@vitrine/schema/api';
import { useState } from 'react';
import { type ApiFailure, asFailure, postJson } from '../../lib/api/client.ts';
import { useRenew } from './query.ts';

/** Which record it follows is said when it is sent. */
export type Act = Omit<ActRequest, 'expect'>;

/** How the last act went. */
export type Told =
  | { phase: 'writing'; index: number }
  | { phase: 'written'; index: number; said: string; log: string; leaf: number }
  | { phase: 'queued'; index: number }
  | { phase: 'failed'; index: number; failure: ApiFailure };

export interface Acts {
  told: Told | undefined;
  /** `true` when the log has it. `said`: what was done, as a sentence without its end. */
  run(item: AlertItem, act: Act, said: string): Promise<boolean>;
  forget(): void;
}

export function useActs(): Acts {
  const [told, setTold] = useState<Told>();
  const renew = useRenew();
  return {
    told,
    forget: () => setTold(undefined),
    async run({ index, record, triage }, act, said) {
      if (told?.phase === 'writing') return false;
      setTold({ phase: 'writing', index });
      try {
        const body: ActRequest = { ...act, expect: triage.seq };
        const answer = await postJson<ActAnswer>(`/v1/alerts/${index}/state`, body);
        // The next act names the record before it: that one must have been read by then.
        await renew([record.id]);
        if (answer.queued) setTold({ phase: 'queued', index });
        else setTold({ phase: 'written', index, said, log: answer.log, leaf: answer.index });
        return true;
      } catch (error) {
        const failure = asFailure(error);
        // Somebody else was faster: what they did is shown beside why this was not.
        if (failure.status === 409) await renew([record.id]);
        setTold({ phase: 'failed', index, failure });
        return false;
      }
    },
  };
}
