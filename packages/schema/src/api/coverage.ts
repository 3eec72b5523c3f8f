/** What the connected sources let sessions be seen of: three risks by three components. */
import type { Vantage } from '../event.ts';
import type { AtSize } from './page.ts';

export type Risk = 'user_misuse' | 'model_misbehaviour' | 'external_attacker';

/** Where the agent runs; what it is asked and decides; what comes in from elsewhere. */
export type Component = 'environment' | 'model' | 'content';

export type CellState = 'covered' | 'partly' | 'blind';

/**
 * `seen`: a source that is well tells of it. `claimed`: only one that stands nearer to the agent
 * than it should. `impaired`: only one that is silent or drops. `missing`: nobody.
 */
export type SightState = 'seen' | 'claimed' | 'impaired' | 'missing';

export interface CoverageCell {
  risk: Risk;
  component: Component;
  /** Of the worst session. */
  state: CellState;
  sessions: Record<CellState, number>;
  needs: CoverageNeed[];
}

/** Something that has to be seen. */
export interface CoverageNeed {
  what: string;
  /** The least independent observer whose word is enough. */
  from: Vantage;
  /** Sessions in each state. */
  sessions: Record<SightState, number>;
  /** Names of the sources that tell of it. */
  by: string[];
}

/** `/v1/coverage`. */
export interface CoverageAnswer extends AtSize {
  /** How many were looked at. */
  sessions: number;
  /** False when more sessions are open than were looked at. */
  whole: boolean;
  /** Nine, by risk, then component. */
  cells: CoverageCell[];
}
