/** Who is heard from each sandbox, and who should be (docs/guides/source-health.md). */
import type { HostIdentity, Vantage } from '../event.ts';
import type { AtSize, Page } from './page.ts';

/** The worst first. */
export const SOURCE_STATES = [
  'never',
  'silent',
  'dropping',
  'unexpected',
  'absent',
  'ended',
  'healthy',
] as const;
/**
 * `never`: expected, and nothing came. `silent`: it spoke, and does not any more. `dropping`: it
 * lost something lately. `unexpected`: nobody registered it. `absent`: it cannot be had there.
 * `ended`: it said goodbye, or its session is over.
 */
export type SourceState = (typeof SOURCE_STATES)[number];

export interface SourceItem {
  name: string;
  /** Where it was heard; of one that was not, where it is expected, or null. */
  vantage: Vantage | null;
  state: SourceState;
  /** By the host's clock: since when, for `silent`, `dropping` and `ended`. */
  since: string | null;
  expected: boolean;
  version: string | null;
  records: number;
  /** There are more than `records`. */
  more: boolean;
  /** By which signals a source without a shim of ours speaks: hook, log, span, metric. */
  signals: string[];
  last_seen: string | null;
  losses: number;
  last_loss: string | null;
  /** Why it cannot be had. */
  reason: string | null;
  /** What it sees: of a source that has a shim. */
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

/** `/v1/sources`: of open sessions, in the order of their names. */
export type SourcesPage = Page<SourcesItem, string>;

/** `/v1/sessions/:session/sources`. */
export type SourcesAnswer = SourcesItem & AtSize;
