/**
 * What there is to look at: each page and each state of it, how to get there and back. States are
 * brought about, not drawn: an empty system, a wire that is slow, cut or lying.
 */
import type { Page } from 'playwright-core';
import type { House } from '../acceptance/faces/house.ts';

/** What the pictures are of; found out once. */
export interface Subject {
  house: House;
  /** A dashboard whose system has nothing yet, and a fresh link into it. */
  empty: { base: string; link: () => Promise<string> };
  /** The session of the incident, its alert, the row that stands on, and one a process did. */
  incident: { session: string; alert: number; row: number; traced: number };
  /** A session of an agent with subagents, and a row of it that has parts. */
  agent: { session: string; parts: number };
}

export interface Scene {
  name: string;
  path: (subject: Subject) => string;
  /** At the system without data. */
  empty?: true;
  /** Without having logged in. */
  stranger?: true;
  /** Before the page is opened; undone by `House.wire.restore()`. */
  before?: (subject: Subject) => void;
  /** When the page has settled, or at once where it never will. */
  after?: (page: Page, subject: Subject) => Promise<void>;
  /** Taken after so many milliseconds, ready or not. */
  atMs?: number;
}

const SLOW_MS = 60_000;
const SEEN_MS = 1_500;
/** Views of a session beside its timeline and its agents. */
const VIEWS = ['processes', 'files', 'egress', 'approvals'];
const TABS = ['fields', 'record', 'vantage', 'proof'];

const timeline = ({ incident }: Subject): string => `/s/${incident.session}`;
const alert = ({ incident }: Subject): string => `/alerts?a=${incident.alert}`;
const agents = ({ agent }: Subject): string => `/s/${agent.session}/agents`;

const PAGES: Scene[] = [
  { name: 'sessions', path: () => '/' },
  { name: 'timeline', path: timeline },
  { name: 'timeline-filtered', path: (s) => `${timeline(s)}?kind=egress.request&q=files` },
  { name: 'timeline-agent', path: ({ agent }) => `/s/${agent.session}` },
  ...TABS.map((tab) => ({
    name: `event-${tab}`,
    path: (s: Subject) => `${timeline(s)}?e=${s.incident.row}&tab=${tab}`,
  })),
  {
    name: 'event-process',
    path: (s) => `${timeline(s)}?e=${s.incident.traced}&tab=process`,
  },
  {
    name: 'event-parts',
    path: ({ agent }) => `/s/${agent.session}?e=${agent.parts}&tab=parts`,
  },
  { name: 'alerts', path: () => '/alerts' },
  { name: 'alert', path: alert },
  {
    name: 'alert-close',
    path: alert,
    after: async (page) => {
      await page.getByRole('button', { name: 'Close …' }).click();
    },
  },
  { name: 'incidents', path: () => '/incidents' },
  { name: 'incident', path: ({ incident }) => `/incidents/${incident.session}` },
  { name: 'agents', path: agents },
  ...VIEWS.map((view) => ({ name: view, path: (s: Subject) => `${timeline(s)}/${view}` })),
  { name: 'files-unmatched', path: (s) => `${timeline(s)}/files?path=nothing-such` },
  { name: 'approvals-agent', path: ({ agent }) => `/s/${agent.session}/approvals` },
  { name: 'approvals-all', path: () => '/approvals' },
  { name: 'search', path: () => '/search?q=device-0042' },
  { name: 'search-nothing', path: () => '/search?q=no-such-thing' },
  { name: 'rules', path: () => '/rules' },
  { name: 'rules-open', path: () => '/rules?rule=EGR-001' },
  { name: 'rules-unmatched', path: () => '/rules?q=nothing-such' },
  { name: 'sources', path: () => '/sources' },
  { name: 'sources-none', path: () => '/sources', empty: true },
  { name: 'connectors', path: () => '/connectors' },
  { name: 'connectors-open', path: () => '/connectors?connector=soc-webhook' },
  {
    name: 'connectors-test',
    path: () => '/connectors?connector=splunk',
    after: async (page) => {
      await page.getByRole('button', { name: 'Send a test alert' }).click();
      await page.getByText('was not taken').waitFor();
      await page.getByRole('button', { name: 'Pause …' }).click();
    },
  },
  { name: 'login', path: () => '/login', stranger: true },
  { name: 'login-used-code', path: () => '/login#code=used-already', stranger: true },
  { name: 'signed-out', path: () => '/', stranger: true },
  { name: 'no-such-session', path: () => '/s/no-such-session' },
  { name: 'no-such-page', path: () => '/nowhere' },
];

const VISITED: [string, Scene['path']][] = [
  ['sessions', () => '/'],
  ['timeline', timeline],
  ['alerts', () => '/alerts'],
  ['incidents', () => '/incidents'],
  ['rules', () => '/rules'],
  ['approvals', () => '/approvals'],
  ['agents', agents],
  ...VIEWS.map((view): [string, Scene['path']] => [
    `session-${view}`,
    (s) => `${timeline(s)}/${view}`,
  ]),
];

/** These go on by themselves: the session of the agent is still open. */
const FOLLOWED: [string, Scene['path']][] = [
  ['sessions', () => '/'],
  ['timeline', ({ agent }) => `/s/${agent.session}`],
  ['alerts', () => '/alerts'],
];

const STATES: Scene[] = [
  { name: 'empty-sessions', path: () => '/', empty: true },
  { name: 'empty-alerts', path: () => '/alerts', empty: true },
  { name: 'empty-incidents', path: () => '/incidents', empty: true },
  { name: 'empty-connectors', path: () => '/connectors', empty: true },
  { name: 'empty-approvals', path: () => '/approvals', empty: true },
  { name: 'empty-search', path: () => '/search?q=anything', empty: true },
  ...VISITED.map(
    ([name, path]): Scene => ({
      name: `slow-${name}`,
      path,
      before: ({ house }) => {
        house.wire.slowMs = SLOW_MS;
      },
      atMs: SEEN_MS,
    }),
  ),
  ...VISITED.map(
    ([name, path]): Scene => ({
      name: `error-${name}`,
      path,
      before: ({ house }) => {
        house.wire.isAway = true;
      },
      atMs: SEEN_MS * 3,
    }),
  ),
  ...FOLLOWED.map(
    ([name, path]): Scene => ({
      name: `lost-${name}`,
      path,
      after: async (page, { house }) => {
        house.wire.isAway = true;
        house.wire.cut();
        await page.waitForTimeout(SEEN_MS * 2);
      },
    }),
  ),
  { name: 'broken-row', path: timeline, before: ({ house }) => lie(house) },
];

export const SCENES: Scene[] = [...PAGES, ...STATES];

/** Every record says of itself another title than the one that is kept beside it. */
function lie({ wire }: House): void {
  wire.alter = (path, { status, body }) => {
    if (status !== 200 || !/\/events\?/.test(path)) return undefined;
    const answer = JSON.parse(body.toString()) as { items: { title: string }[] };
    const [first] = answer.items;
    if (first !== undefined) first.title = 'nothing to see here';
    return { status, body: Buffer.from(JSON.stringify(answer)) };
  };
}
