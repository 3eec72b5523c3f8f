/** The timeline of one session in this page: its data, its tail, its state as React sees it. */
'use client';

import type { EventPage } from '@vitrine/schema/api';
import { useEffect, useMemo, useRef, useSyncExternalStore } from 'react';
import { getJson } from '../../lib/api/client.ts';
import { endConnection, reportConnection } from '../../lib/live/connection.ts';
import { followTail } from '../../lib/live/tail.ts';
import { askedQuery } from './asked.ts';
import {
  type Filter,
  Timeline,
  type TimelineSource,
  type TimelineState,
} from './window/timeline.ts';
import type { Place } from './window/window.ts';

/** Once for each frame, in a task apart from the frame's own: rows, then layout and paint. */
const TELL_MS = 16;
/** A hidden page may wait. */
const HIDDEN_TELL_MS = 250;

export function useTimeline(
  session: string,
  filter: Filter,
  live: boolean,
  placeOf: () => Place,
): [Timeline, TimelineState] {
  // The filter is given again by setFilter: a new one must not make a new timeline.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  const timeline = useMemo(
    () => new Timeline(browserSource(session), filter, live),
    [session, live],
  );
  const state = useSyncExternalStore(timeline.subscribe, timeline.state, timeline.state);
  const place = useRef(placeOf);
  useEffect(() => {
    place.current = placeOf;
  });
  const key = JSON.stringify(filter);
  // biome-ignore lint/correctness/useExhaustiveDependencies: key stands for the filter it spells
  useEffect(() => {
    void timeline.setFilter(filter, place.current());
  }, [timeline, key]);
  useEffect(() => () => timeline.stop(), [timeline]);
  return [timeline, state];
}

function browserSource(session: string): TimelineSource {
  const path = `/v1/sessions/${encodeURIComponent(session)}/events`;
  return {
    read({ order, after, limit, ...filter }, signal) {
      const { kinds, vantages } = filter;
      const query = { kind: kinds.join(','), vantage: vantages.join(','), q: askedQuery(filter) };
      return getJson<EventPage>(path, { query: { ...query, order, after, limit }, signal });
    },
    follow({ after, onRecords, onState, ...filter }) {
      const { kinds, vantages } = filter;
      const stop = followTail({
        session,
        kinds: [...kinds],
        vantages: [...vantages],
        q: askedQuery(filter),
        after,
        onRecords,
        onState(state) {
          reportConnection(state);
          onState(state);
        },
      });
      return () => {
        stop();
        endConnection();
      };
    },
    soon(tell) {
      setTimeout(tell, document.hidden ? HIDDEN_TELL_MS : TELL_MS);
    },
  };
}
