/**
 * Records of the log in the dialects of other people's tools: pure functions that never throw,
 * whatever a record holds, and whose results are bounded (`limits.ts`).
 */
import type { JsonObject } from '../json.ts';
import { cefLine } from './cef.ts';
import { ecsDocument } from './ecs.ts';
import { isAlert, type LogEntry } from './entry.ts';
import { ocsfAlert } from './ocsf/alert.ts';
import { ocsfEvent } from './ocsf/event.ts';

export type { LogEntry } from './entry.ts';

/** OCSF 1.8.0, Elastic Common Schema 9.4, ArcSight's Common Event Format 0. */
export const DIALECTS = ['ocsf', 'ecs', 'cef'] as const;
export type Dialect = (typeof DIALECTS)[number];

export function isDialect(name: string): name is Dialect {
  return (DIALECTS as readonly string[]).includes(name);
}

/** An object, or in CEF one line without its end. */
export function normalise(entry: LogEntry, dialect: Dialect): JsonObject | string {
  if (dialect === 'cef') return cefLine(entry);
  if (dialect === 'ecs') return ecsDocument(entry);
  return isAlert(entry) ? ocsfAlert(entry) : ocsfEvent(entry);
}
