/** Sessions of sandboxes, as their supervision and their records describe them. */
import type { EdrIdentity, HostIdentity, Vantage } from '../event.ts';
import type { Page } from './page.ts';

export interface SessionItem {
  session: string;
  state: 'open' | 'closed';
  opened: string;
  closed: string | null;
  /** Why it was closed. */
  reason: string | null;
  host: HostIdentity | null;
  /** The process on the host that runs the sandbox. */
  pid: number | null;
  edr: EdrIdentity | null;
  /** The host's page in the console of its EDR. */
  edr_link: string | null;
  user: string | null;
  runtime: string | null;
  /** Records of all its chains, `sup` included: what its timeline shows. */
  events: number;
  /** Alerts about it. */
  alerts: number;
  first_t: string;
  last_t: string;
  /** From the least to the most independent of the agent. */
  vantages: Vantage[];
  /** Chains with a record, `sup` included. */
  chains: number;
}

export type SessionPage = Page<SessionItem, string>;
