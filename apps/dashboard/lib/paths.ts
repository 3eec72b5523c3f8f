/** The only place where an address of the dashboard is spelt. */
import {
  alertQuery,
  type EventTab,
  loginQuery,
  searchQuery,
  sourceQuery,
  timelineQuery,
} from './url-state.ts';

export interface TimelineState {
  e?: number | null;
  kind?: string[];
  vantage?: string[];
  q?: string;
  tab?: EventTab;
}

export interface AlertState {
  a?: number | null;
  severity?: string[];
  rule?: string;
  session?: string;
}

export const paths = {
  sessions: (): string => '/',
  session: (session: string, state: TimelineState = {}): string =>
    timelineQuery(`/s/${encodeURIComponent(session)}`, state),
  /** `e`: a leaf of the node to select. */
  agents: (session: string, state: Pick<TimelineState, 'e'> = {}): string =>
    timelineQuery(`/s/${encodeURIComponent(session)}/agents`, state),
  alerts: (state: AlertState = {}): string => alertQuery('/alerts', state),
  /** `session`: of one, open or not; else of all that are open. */
  sources: (session?: string): string => sourceQuery('/sources', { session: session ?? null }),
  search: (q: string): string => searchQuery('/search', { q }),
  login: (to = '/'): string => loginQuery('/login', { to }),
  /** Takes the one-time code and sets the cookie. */
  loginSession: (): string => '/login/session',
  /** Clears the cookie and ends its token. */
  loginEnd: (): string => '/login/end',
};

/** The page to go on to after the login: a path of ours, never another origin. */
export function safeReturn(to: string): string {
  const base = 'http://dashboard.invalid';
  if (!to.startsWith('/') || !URL.canParse(to, base)) return paths.sessions();
  const url = new URL(to, base);
  // `/.//host` is a path of ours that, written out, names another host (WHATWG URL section 4.5).
  const leavesUs = url.origin !== base || url.pathname.startsWith('//');
  if (leavesUs || url.pathname.startsWith('/login')) return paths.sessions();
  return url.pathname + url.search;
}
