/** The only place where an address of the dashboard is spelt. */

import type { AlertState } from '@vitrine/schema';
import type { RuleState } from '@vitrine/schema/api';
import {
  alertQuery,
  approvalQuery,
  connectorQuery,
  type EventTab,
  fileQuery,
  incidentQuery,
  loginQuery,
  processQuery,
  ruleQuery,
  searchQuery,
  sourceQuery,
  timelineQuery,
} from './url-state.ts';

export interface TimelineState {
  e?: number | null;
  kind?: string[];
  vantage?: string[];
  q?: string;
  /** Nanoseconds. */
  from?: string;
  to?: string;
  /** Marked leaves, `first..last`. */
  range?: string;
  tab?: EventTab;
}

export interface AlertListState {
  a?: number | null;
  severity?: string[];
  state?: AlertState[];
  assignee?: string;
  rule?: string;
  q?: string;
  session?: string;
}

export interface IncidentState {
  severity?: string[];
  state?: AlertState[];
}

export interface RuleListState {
  rule?: string;
  severity?: string[];
  state?: RuleState[];
  risk?: string[];
  q?: string;
}

export const paths = {
  sessions: (): string => '/',
  session: (session: string, state: TimelineState = {}): string =>
    timelineQuery(`/s/${encodeURIComponent(session)}`, state),
  /** `e`: a leaf of the node to select. */
  agents: (session: string, state: Pick<TimelineState, 'e'> = {}): string =>
    timelineQuery(`/s/${encodeURIComponent(session)}/agents`, state),
  alerts: (state: AlertListState = {}): string => alertQuery('/alerts', state),
  incidents: (state: IncidentState = {}): string => incidentQuery('/incidents', state),
  incident: (session: string): string => `/incidents/${encodeURIComponent(session)}`,
  /** `session`: of one, open or not; else of all that are open. */
  sources: (session?: string): string => sourceQuery('/sources', { session: session ?? null }),
  /** `connector`: the one to open. */
  connectors: (connector?: string): string =>
    connectorQuery('/connectors', { connector: connector ?? null }),
  rules: (state: RuleListState = {}): string => ruleQuery('/rules', state),
  /** `p`: the first leaf of the process to select. */
  processes: (session: string, state: { p?: number } = {}): string =>
    processQuery(`/s/${encodeURIComponent(session)}/processes`, state),
  files: (session: string, state: { path?: string } = {}): string =>
    fileQuery(`/s/${encodeURIComponent(session)}/files`, state),
  egress: (session: string): string => `/s/${encodeURIComponent(session)}/egress`,
  /** `session`: of one, else of all. */
  approvals: (state: { session?: string; user?: string; tool?: string } = {}): string => {
    const { session, ...rest } = state;
    const inside = session === undefined ? '' : `/s/${encodeURIComponent(session)}`;
    return approvalQuery(`${inside}/approvals`, rest);
  },
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
