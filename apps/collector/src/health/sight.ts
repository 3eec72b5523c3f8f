/** The sources of sessions, read from the log and judged: what the routes about them answer. */
import {
  type HostIdentity,
  isObject,
  type Json,
  type JsonObject,
  SOURCE_SESSIONS_MAX,
} from '@vitrine/schema';
import type { SourcesItem } from '@vitrine/schema/api';
import type { Store } from '@vitrine/store';
import type { Clock } from '../sequence/sequencer.ts';
import type { LogState } from '../sequence/state.ts';
import { heardSources } from './heard.ts';
import { type JudgedSource, judgeSources } from './judge.ts';

export interface SightSystem {
  store: Pick<Store, 'sources' | 'supervision'>;
  clock: Clock;
  state: LogState;
  identity: { log: string };
}

/** A session and what is to be known of it before anybody asks who was heard. */
export interface SightedSession {
  session: string;
  opened: JsonObject;
  closed: boolean;
}

/** Open sessions behind `after` in the order of their names, at most `limit`. */
export function openSessionsAfter(
  { state }: SightSystem,
  after: string | undefined,
  limit: number,
): SightedSession[] {
  const names = [...state.sessions.keys()].filter((name) => after === undefined || name > after);
  return names
    .sort()
    .slice(0, limit)
    .map((session) => {
      return { session, opened: state.sessions.get(session)!.opened, closed: false };
    });
}

/** `undefined` when there is no such session. */
export async function sessionNamed(
  { store, identity }: SightSystem,
  size: number,
  session: string,
): Promise<SightedSession | undefined> {
  const rows = await store.supervision(identity.log, size, [session]);
  const open = rows.find(({ kind }) => kind === 'open');
  if (open === undefined) return undefined;
  const opened = JSON.parse(open.record) as JsonObject;
  return { session, opened, closed: rows.some(({ kind }) => kind === 'close') };
}

/** The judged sources of each, in the order given; at most `SOURCE_SESSIONS_MAX`. */
export async function judgedSources(
  { store, clock, identity }: SightSystem,
  size: number,
  sessions: readonly SightedSession[],
): Promise<JudgedSource[][]> {
  const asked = sessions.slice(0, SOURCE_SESSIONS_MAX);
  const names = asked.map(({ session }) => session);
  const { tails, notices } = await store.sources(identity.log, size, names);
  const nowNs = clock.nowNs();
  return asked.map(({ session, opened, closed }) => {
    const own = <T extends { session: string }>(rows: T[]): T[] =>
      rows.filter((row) => row.session === session);
    const heard = heardSources({ tails: own(tails), notices: own(notices) });
    return judgeSources({ opened, closed, heard, nowNs });
  });
}

export function sourcesItem(
  { session, opened, closed }: SightedSession,
  judged: JudgedSource[],
): SourcesItem {
  return {
    session,
    state: closed ? 'closed' : 'open',
    runtime: textOf(opened.runtime),
    // Checked when it was registered.
    host: isObject(opened.host) ? (opened.host as unknown as HostIdentity) : null,
    user: textOf(opened.user),
    sources: judged.map(({ item }) => item),
  };
}

function textOf(value: Json | undefined): string | null {
  return typeof value === 'string' ? value : null;
}
