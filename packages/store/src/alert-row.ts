/** What is asked of alerts and answered about them; rows of records are those of `row.ts`. */
import type { AlertState } from '@vitrine/schema';
import type { EventFilter, RecordRow } from './row.ts';

/** Which alerts; all members given must hold. */
export interface AlertFilter extends Omit<EventFilter, 'session' | 'chain' | 'kinds'> {
  states?: readonly AlertState[];
  /** Name of a person; `ALERT_ASSIGNEE_NOBODY` for alerts that nobody has. */
  assignee?: string;
}

/** The last act on an alert, and how many there were. */
export interface AlertLast {
  /** Id of the alert. */
  alert: string;
  row: RecordRow;
  acts: number;
}

export interface IncidentQuery {
  log: string;
  size: number;
  limit: number;
  /** Of one session. */
  session?: string;
  /** An incident is open while one of its alerts is, and closed when all are. */
  states?: readonly AlertState[];
  /** Of its gravest alert. */
  severities?: readonly string[];
  /** Leaf index of the newest alert of the last incident of the page before. */
  after?: number;
}

/** A record that an alert stands on: what is told of the events around it hangs on its time. */
export interface StoryPoint {
  t: string;
}

/** Leaf indices of what explains a point; `null` where there is none. */
export interface StoryContext {
  /** The prompt and the tool call that came last before it. */
  prompt: number | null;
  tool: number | null;
  /** The first egress after it. */
  egress: number | null;
}
