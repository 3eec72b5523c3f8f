/** What the API answers about sources and coverage (docs/guides/source-health.md). */
import type { Vantage } from '@vitrine/schema';
import type { HostIdentity } from './types.ts';

export type SourceState =
  | 'never'
  | 'silent'
  | 'dropping'
  | 'unexpected'
  | 'absent'
  | 'ended'
  | 'healthy';

export interface SourceItem {
  name: string;
  /** Where it was heard, or is expected; null where nobody said. */
  vantage: Vantage | null;
  state: SourceState;
  /** Since when it is so, for silent, dropping and ended. */
  since: string | null;
  expected: boolean;
  version: string | null;
  records: number;
  /** There are more than `records`. */
  more: boolean;
  signals: string[];
  last_seen: string | null;
  losses: number;
  last_loss: string | null;
  /** Why it cannot be had. */
  reason: string | null;
  sees: string | null;
}

export interface SourcesItem {
  session: string;
  state: 'open' | 'closed';
  runtime: string | null;
  host: HostIdentity | null;
  user: string | null;
  /** The worst first. */
  sources: SourceItem[];
}

export interface SourcesPage {
  items: SourcesItem[];
  cursor: string | null;
  size: number;
}

export type CellState = 'covered' | 'partly' | 'blind';
export type SightState = 'seen' | 'claimed' | 'impaired' | 'missing';

export interface CoverageNeed {
  what: string;
  /** The least independent observer whose word is enough. */
  from: Vantage;
  sessions: Record<SightState, number>;
  by: string[];
}

export interface CoverageCell {
  risk: string;
  component: string;
  state: CellState;
  sessions: Record<CellState, number>;
  needs: CoverageNeed[];
}

export interface Coverage {
  sessions: number;
  /** False when more sessions are open than were looked at. */
  whole: boolean;
  cells: CoverageCell[];
  size: number;
}
